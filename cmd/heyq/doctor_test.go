package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"heyq/heygen/simulator"
	"heyq/internal/heygenhook"
	"heyq/internal/testkit"
	"heyq/wire"
)

// found is what `heyq doctor` said.
type found struct {
	t    *testing.T
	list []wire.Finding
	out  outcome
}

// examine runs `heyq doctor --json`, which has to end with code.
func examine(t *testing.T, environ []string, code int) found {
	t.Helper()
	o := heyq(t, environ, "doctor", "--json")
	if o.code != code {
		t.Fatalf("exit code %d, want %d\n%s%s", o.code, code, o.stdout, o.stderr)
	}
	d := decode[diagnosis](t, o)
	if broken := d.Verdict == wire.Broken; broken != (code != 0) {
		t.Errorf("the verdict is %s, the exit code %d", d.Verdict, code)
	}
	return found{t, d.Findings, o}
}

// want fails the test unless a check found this.
func (f found) want(check string, s wire.Severity, words string) {
	f.t.Helper()
	for _, one := range f.list {
		if one.Check == check && one.Severity == s && strings.Contains(one.What+" "+one.Remedy, words) {
			return
		}
	}
	f.t.Errorf("%s was not found %s, with %q:\n%s", check, s, words, f.out.stdout)
}

// A running heyq has its database to itself, and is asked instead.
func TestE2E_doctor_beside_up(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	url := serve(t, nil, "API ", "up", "--dir", dir, "--addr", "127.0.0.1:0", "--render-time", "100ms")
	environ := []string{"HEYQ_URL=" + url, "HEYQ_DIR=" + dir}
	f := examine(t, environ, 0)
	f.want("configuration", wire.Fine, "no problem")
	f.want("running", wire.Fine, "the heyq at "+url+" is healthy")
	f.want("store", wire.Fine, "is held by the running heyq at "+url+", which was asked instead and is well")
	f.want("redis", wire.Fine, "embedded")
	f.want("heygen", wire.Note, "simulator")
	f.want("media", wire.Fine, "can be written")
	f.want("disk", wire.Fine, "free in "+dir)
	heyq(t, environ, "doctor").wantOK(t).want(t, 0, "✓ configuration", "✓ all is well")

	lost := examine(t, []string{"HEYQ_URL=http://127.0.0.1:1", "HEYQ_DIR=" + dir}, 5)
	lost.want("running", wire.Note, "no heyq answers at http://127.0.0.1:1")
	lost.want("store", wire.Broken, "is held by a heyq that does not answer")
}

// A database that no process holds is looked at and left as it is.
func TestE2E_doctor_of_what_does_not_run(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	nowhere := []string{"HEYQ_URL=http://127.0.0.1:1", "HEYQ_DIR=" + dir + "/data"}
	f := examine(t, nowhere, 0)
	f.want("store", wire.Note, "there is no database yet")
	f.want("media", wire.Note, "heyq makes it at its start")
	if made, err := os.ReadDir(dir); err != nil || len(made) > 0 {
		t.Errorf("the doctor made %v (%v)", made, err)
	}
	heyq(t, nowhere, "migrate", "up").wantOK(t)
	f = examine(t, nowhere, 0)
	f.want("migrations", wire.Fine, "are applied")
	f.want("admission", wire.Fine, "is open")
}

func TestE2E_doctor_of_a_wrong_configuration(t *testing.T) {
	t.Parallel()
	environ := []string{
		"HEYQ_DIR=" + t.TempDir(), "HEYQ_URL=http://127.0.0.1:1", "REDIS_URL=http://:hunter2@cache", "HEYQ_LEASE=0s", "HEYQ_GRASE=1h",
	}
	f := examine(t, environ, 2)
	f.want("configuration", wire.Broken, "REDIS_URL: got")
	f.want("configuration", wire.Broken, "HEYQ_LEASE: got")
	f.want("configuration", wire.Warning, "HEYQ_GRASE: is not known to heyq; did you mean HEYQ_GRACE?")
	f.want("redis", wire.Note, "was not looked at, since REDIS_URL is wrong")
	f.want("store", wire.Note, "there is no database yet") // what does not hang on it is looked at
	if strings.Contains(f.out.stdout+f.out.stderr, "hunter2") {
		t.Error("a password is shown")
	}
	heyq(t, environ, "doctor").want(t, 2, "2 things are broken", "✗ configuration")
}

// The servers of a production set-up, each with something wrong.
func TestE2E_doctor_real(t *testing.T) {
	t.Parallel()
	server := testkit.StartRedis(t)
	options, err := redis.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	policy := func(name string) {
		t.Helper()
		if err := client.ConfigSet(t.Context(), "maxmemory-policy", name).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.ConfigSet(t.Context(), "maxmemory", "100mb").Err(); err != nil {
		t.Fatal(err)
	}
	policy("allkeys-lru")
	environ := []string{
		"HEYQ_DIR=" + t.TempDir(), "HEYQ_URL=http://127.0.0.1:1", "DATABASE_URL=" + testkit.Postgres(t), "REDIS_URL=" + server.URL(),
	}
	f := examine(t, environ, 5)
	f.want("store", wire.Fine, "answers")
	f.want("migrations", wire.Broken, "00001_videos.sql")
	f.want("migrations", wire.Broken, "run `heyq migrate up`")
	f.want("redis", wire.Broken, "maxmemory-policy allkeys-lru: when it is full it throws queued tasks away")
	f.want("clock", wire.Fine, "within 2s")

	policy("noeviction")
	heyq(t, environ, "migrate", "up").wantOK(t)
	f = examine(t, append(environ, "HEYQ_CLOCK_OFFSET=-5m"), 0)
	f.want("migrations", wire.Fine, "are applied")
	f.want("redis", wire.Fine, "noeviction")
	f.want("clock", wire.Warning, "behind the database's")
	// It is known to half of the time that the database's answer takes.
	said := regexp.MustCompile(`this machine's is (\S+) behind`).FindStringSubmatch(f.out.stdout)
	if said == nil {
		t.Fatal("by how much it is off is not said")
	}
	if skew, err := time.ParseDuration(said[1]); err != nil || (skew-5*time.Minute).Abs() > 30*time.Second {
		t.Errorf("the clock is said to be %s behind (%v), and is 5m", said[1], err)
	}
	f.want("admission", wire.Fine, "is open")
	f.want("workers", wire.Warning, "none is at work")

	serve(t, append(environ, "HEYGEN_API_KEY=key", "HEYGEN_API_URL=http://127.0.0.1:1"), "Redis ", "worker")
	testkit.Eventually(t, func() error {
		list := decode[diagnosis](t, heyq(t, environ, "doctor", "--json").wantOK(t)).Findings
		for _, one := range list {
			if one.Check == "workers" && one.Severity == wire.Fine {
				return nil
			}
		}
		return errors.New("no worker is seen")
	})

	server.Kill()
	f = examine(t, environ, 5)
	f.want("redis", wire.Broken, "refused")
	f.want("store", wire.Fine, "answers")
	f = examine(t, append(environ, "DATABASE_URL=postgres://ada:hunter2@127.0.0.1:1/heyq"), 5)
	f.want("store", wire.Broken, "refused")
	if strings.Contains(f.out.stdout+f.out.stderr, "hunter2") {
		t.Error("a password is shown")
	}
}

// A pooler that answers and cannot be worked through is no Postgres that does not run.
func TestE2E_doctor_behind_a_pooler_real(t *testing.T) {
	t.Parallel()
	pooler := testkit.StartPgBouncer(t, testkit.StartPostgres(t), "transaction")
	f := examine(t, []string{
		"HEYQ_DIR=" + t.TempDir(), "HEYQ_URL=http://127.0.0.1:1", "DATABASE_URL=" + pooler.URL("postgres"), "REDIS_URL=" + testkit.Redis(t),
	}, 5)
	f.want("store", wire.Broken, "a connection pooler in transaction mode")
	f.want("store", wire.Broken, "or the pooler's session mode")
}

// A key that HeyGen refuses, an empty account, and a webhook at every stage.
func TestE2E_doctor_of_HeyGen(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var refuses atomic.Bool
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !refuses.Load() {
			sim.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":{"code":"unauthorized","message":"Invalid API key"}}`))
	}))
	t.Cleanup(gateway.Close)
	environ := []string{
		"HEYQ_DIR=" + t.TempDir(), "HEYGEN_API_KEY=sk-hunter2", "HEYGEN_API_URL=" + gateway.URL,
		"HEYQ_PUBLIC_URL=http://127.0.0.1:1", "HEYQ_URL=http://127.0.0.1:1",
	}
	f := examine(t, environ, 0)
	f.want("heygen", wire.Fine, "takes the key")
	f.want("balance", wire.Fine, "are left")
	f.want("webhook", wire.Warning, "no heyq answers at http://127.0.0.1:1, and none at HEYQ_URL either")
	f.want("webhook", wire.Warning, "HeyGen has no webhook at http://127.0.0.1:1"+heygenhook.Path)

	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"status": "healthy", "checks": map[string]any{}})
	}))
	t.Cleanup(up.Close)
	register(t, gateway.URL, up.URL+heygenhook.Path)
	well := append(environ, "HEYQ_PUBLIC_URL="+up.URL, "HEYQ_URL="+up.URL)
	f = examine(t, well, 0)
	f.want("webhook", wire.Fine, "a heyq answers at "+up.URL)
	f.want("webhook", wire.Fine, "HeyGen delivers to "+up.URL+heygenhook.Path)
	heyq(t, environ, "migrate", "up").wantOK(t) // it knows from now on which installation it is
	register(t, gateway.URL, heygenhook.Own(up.URL+heygenhook.Path, "0badcafe"))
	f = examine(t, well, 0)
	f.want("webhook", wire.Warning, "another heyq, whose titles say 0badcafe, has a webhook at "+up.URL+heygenhook.Path+" too")
	f.want("webhook", wire.Warning, "`heyq webhooks delete ")
	f = examine(t, append(well, "HEYQ_PUBLIC_URL="+gateway.URL), 5)
	f.want("webhook", wire.Broken, "no heyq answers at "+gateway.URL)

	refuses.Store(true)
	f = examine(t, environ, 5)
	f.want("heygen", wire.Broken, "refuses the key: Invalid API key")
	if strings.Contains(f.out.stdout+f.out.stderr, "hunter2") {
		t.Error("the key is shown")
	}
	if accepted := sim.Ledger().Accepted; accepted != 0 {
		t.Errorf("the doctor had %d videos made", accepted)
	}
}

// A key that sees no account is not a bad one, and one that may read may not be
// allowed to create.
func TestE2E_doctor_of_a_scoped_key(t *testing.T) {
	t.Parallel()
	examined := func(o simulator.Options, code int) found {
		sim, err := simulator.New(o)
		if err != nil {
			t.Fatal(err)
		}
		f := examine(t, []string{"HEYQ_DIR=" + t.TempDir(), "HEYGEN_API_KEY=sk-scoped", "HEYGEN_API_URL=" + serveHeyGen(t, sim), "HEYQ_URL=http://127.0.0.1:1"}, code)
		if n := sim.Ledger().Accepted; n != 0 {
			t.Errorf("the doctor had %d videos made", n)
		}
		return f
	}
	const day = 24 * time.Hour // it is warned of for 14 of them
	in := func(d time.Duration) time.Time { return time.Now().Add(d) }
	f := examined(simulator.Options{Scopes: []string{"videos:read", "videos:write"}, KeyExpires: in(15 * day)}, 0)
	f.want("heygen", wire.Note, "cannot see the account")
	f.want("key", wire.Fine, "may read videos")
	f.want("key", wire.Fine, "may create videos")
	f.want("key", wire.Fine, "the key's scopes: videos:read, videos:write")
	f.want("key", wire.Fine, "is good until")
	f = examined(simulator.Options{Scopes: []string{"videos:read"}, KeyExpires: in(13 * day)}, 5)
	f.want("key", wire.Fine, "may read videos")
	f.want("key", wire.Broken, "may not create videos")
	f.want("key", wire.Fine, "the key's scopes: videos:read")
	f.want("key", wire.Warning, "is good until")
}

// register has the simulator deliver to url, as an operator would by hand.
func register(t *testing.T, sim, url string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, sim+"/v3/webhooks/endpoints", strings.NewReader(`{"url":"`+url+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("x-api-key", "any")
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		t.Fatalf("registered: %s", answer.Status)
	}
}
