package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
)

func TestE2E_log_level(t *testing.T) {
	t.Parallel()
	user := startUp(t)
	heyq(t, user, "log", "level").wantOK(t).want(t, 0, "info")
	heyq(t, user, "log", "level", "debug", "--for", "10m").wantOK(t).want(t, 0, "debug", "until")
	heyq(t, user, "log", "level", "error", "--json").wantOK(t).want(t, 0, `"level": "error"`, `"until": null`)
	heyq(t, user, "log", "level", "configured").wantOK(t).want(t, 0, "info")
	heyq(t, user, "log", "level", "loud").want(t, 2, "level", "trace")
	heyq(t, user, "log", "level", "debug", "--for", "9000h").want(t, 2, "for", "168h")
	heyq(t, user, "log", "level", "--for", "10m").want(t, 2, "name a level")
}

// repeater is a HeyGen that repeats, if it refuses, all that it was sent.
type repeater struct{ next http.Handler }

func (h repeater) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/v3/videos" {
		h.next.ServeHTTP(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	if !bytes.Contains(body, []byte("refuse me")) {
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.next.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"error": {"code": "invalid_parameter", "message": %q}}`, "not with "+r.Header.Get("X-Api-Key")+": "+string(body))
}

// Whatever happens, and at every level: the log has neither a secret nor a script.
func TestE2E_log_keeps_secrets_real(t *testing.T) {
	t.Parallel()
	const (
		apiKey   = "APIKEY-MARK-51c8"
		script   = "SCRIPT-MARK-9d1f"
		variable = "VARIABLE-MARK-2b7e"
		hook     = "WEBHOOK-MARK-77aa"
		password = "DATABASE-MARK-c03d"
		notify   = "whsec_Tk9USUZZLU1BUkstMTIzNDU2Nzg5MGFiY2RlZg=="
	)
	sim, err := simulator.New(simulator.Options{RenderTime: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	// Each sort of failure that a create, a look, a poll and a download know.
	err = sim.SetFaults(simulator.Faults{Seed: 7, Rules: []simulator.Rule{
		{On: "create", Fault: "accept_reset", Rate: 0.2},
		{On: "create", Fault: "not_json", Rate: 0.2},
		{On: "status", Fault: "error_500", Rate: 0.2},
		{On: "file", Fault: "truncated", Rate: 0.2},
		{On: "file", Fault: "html", Rate: 0.2},
	}})
	if err != nil {
		t.Fatal(err)
	}
	heygen := httptest.NewServer(repeater{sim})
	t.Cleanup(heygen.Close)
	var notified atomic.Int32
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		notified.Add(1)
		w.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(receiver.Close)
	collector := newCollector(t)

	var log bytes.Buffer
	t.Run("heyq", func(t *testing.T) {
		database := strings.Replace(testkit.Postgres(t), "@", ":"+password+"@", 1)
		if !strings.Contains(database, password) {
			t.Fatalf("no password fits into %s", database)
		}
		environ := []string{
			"HEYQ_LOG_LEVEL=trace", "HEYQ_OPERATOR_TOKEN=" + testToken, "OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.url,
			"HEYGEN_API_KEY=" + apiKey, "HEYGEN_API_URL=" + heygen.URL, "HEYQ_HEYGEN_WEBHOOK_SECRET=" + hook,
			"HEYQ_NOTIFY_SECRET=" + notify, "HEYQ_NOTIFY_URL=" + receiver.URL, "HEYQ_NOTIFY_ALLOW_PRIVATE=true",
			"DATABASE_URL=" + database, "REDIS_URL=" + testkit.Redis(t), "HEYQ_DIR=" + t.TempDir(), "HEYQ_POLL_INTERVAL=100ms",
			"HEYQ_GRACE=2m30s",
		}
		api := serveLogged(t, &log, environ, "API ", "up", "--addr", "127.0.0.1:0")
		user := []string{"HEYQ_URL=" + api, "HEYQ_OPERATOR_TOKEN=" + testToken}
		heyq(t, user, "videos", "import", "--yes", writeCSV(t, "title,script,avatar_id,voice_id\n"+
			strings.Repeat("Hello,"+script+",avatar_1,voice_1\n", 12)+
			strings.Repeat("Hello,refuse me "+script+",avatar_1,voice_1\n", 3))).wantOK(t)
		heyq(t, user, "videos", "import", "--yes", writeCSV(t, "title,template_id,variables.name,variables.company\nHello,template_1,"+variable+",acme\n")).wantOK(t)
		testkit.Eventually(t, func() error {
			o := heyq(t, user, "videos", "list", "--per-page", "100", "--json")
			completed, failed := strings.Count(o.stdout, `"completed"`), strings.Count(o.stdout, `"failed"`)
			if completed < 10 || failed < 3 || notified.Load() == 0 {
				return fmt.Errorf("%d completed, %d failed, %d notified: %s", completed, failed, notified.Load(), o.stderr)
			}
			return nil
		})
	})
	for _, line := range strings.Split(log.String(), "\n") {
		for _, secret := range []string{apiKey, script, variable, hook, password, strings.TrimPrefix(notify, "whsec_"), testToken} {
			if strings.Contains(line, secret) {
				t.Errorf("%q is in the log: %s", secret, line)
			}
		}
	}
	for _, told := range []string{`"message":"the video failed"`, `"step":"create"`, `"step":"poll"`, `"step":"download"`, `"step":"notify"`, `"level":"debug"`, `"message":"request"`} {
		if !strings.Contains(log.String(), told) {
			t.Errorf("the log does not say %s", told)
		}
	}
	collector.wantNothingOf(t, apiKey, script, variable, hook, password, testToken)
}
