package simulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"heyq/heygen/simulator"
)

// attempt is what a client sees of one request: an answer, or an error.
type attempt struct {
	status int
	kind   string
	body   string
	err    error
}

// try sends a create as a plain client, on a connection of its own.
func (a *account) try(ctx context.Context, method, path string, body any, headers ...string) attempt {
	a.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		a.t.Fatal(err)
	}
	target := path
	if path[0] == '/' {
		target = a.url + path
	}
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(raw))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", "test")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return attempt{err: err}
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return attempt{resp.StatusCode, resp.Header.Get("Content-Type"), string(got), err}
}

func TestCreateFaults(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]struct {
		status   int
		kind     string
		says     string
		err      error // nil: an answer, whole
		accepted bool
		kept     bool // the next request with the key gets the same
	}{
		"accept_500":   {status: 500, says: "internal_error", accepted: true},
		"accept_504":   {status: 504, kind: "text/html", says: "504 Gateway Time-out", accepted: true},
		"accept_reset": {err: syscall.ECONNRESET, accepted: true},
		"accept_half":  {status: 200, says: `{"data":{"video_id"`, err: io.ErrUnexpectedEOF, accepted: true},
		"not_json":     {status: 200, kind: "text/html", says: "<html>", accepted: true},
		"error_500":    {status: 500, says: "internal_error"},
		"reset":        {err: syscall.ECONNRESET},
		"in_progress":  {status: 409, says: "request_in_progress"},
		"throttle":     {status: 429, says: "rate_limit_exceeded"},
		"unpaid":       {status: 402, says: "insufficient_credit"},
		"unauthorized": {status: 401, says: `{"error":{"code":"unauthorized","message":"Unauthorized","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized"}}`},
		"invalid":      {status: 400, says: "invalid_parameter", kept: true},
		"unscoped":     {status: 403, says: `"code":"forbidden","message":"This API key does not have the scope videos:write."`},
		"edge":         {status: 403, kind: "text/html", says: "403 Forbidden"},
		"not_ready":    {status: 409, says: "resource_not_ready"},
		"conflict":     {status: 409, says: `"code":"conflict"`},
		"odd_error":    {status: 400, says: `{"error":{"detail":"The scene has no background.","type":"validation"}}`},
		"error_200":    {status: 200, says: `{"error":{"code":`},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			a := start(t, simulator.Options{})
			a.faulty(simulator.Rule{On: "create", Fault: fault, Count: 1})
			if want.kind == "" && want.status != 0 {
				want.kind = "application/json"
			}
			got := a.try(t.Context(), "POST", "/v3/videos", avatar("one"), idempotencyKey, "k")
			if got.status != want.status || got.kind != want.kind || !strings.Contains(got.body, want.says) || !errors.Is(got.err, want.err) || want.err == nil && got.err != nil {
				t.Errorf("got %+v", got)
			}
			if n := a.Ledger().Accepted; n != map[bool]int{true: 1}[want.accepted] {
				t.Errorf("%d accepted", n)
			}
			if n := a.fired("create/" + fault); n != 1 {
				t.Errorf("fired %d times", n)
			}

			again := a.do("POST", "/v3/videos", avatar("one"), idempotencyKey, "k")
			if want.kept {
				if again.status != got.status || again.body != got.body {
					t.Errorf("the refusal was not kept: %d %s", again.status, again.body)
				}
			} else if again.status != 200 || a.Ledger().Accepted != 1 {
				t.Errorf("again: %d %s", again.status, again.body)
			}
		})
	}
}

func TestCreateFaults_hang(t *testing.T) {
	t.Parallel()
	for fault, accepted := range map[string]int{"hang": 0, "accept_hang": 1} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			a := start(t, simulator.Options{})
			a.faulty(simulator.Rule{On: "create", Fault: fault, Count: 1})
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			answered := make(chan attempt, 1)
			go func() { answered <- a.try(ctx, "POST", "/v3/videos", avatar("one")) }()
			a.awaitFired("create/" + fault)
			giveUp()
			if got := <-answered; !errors.Is(got.err, context.Canceled) {
				t.Errorf("a client that gave up got %+v", got)
			}
			if n := a.Ledger().Accepted; n != accepted {
				t.Errorf("%d accepted, want %d", n, accepted)
			}
			if got := a.try(t.Context(), "POST", "/v3/videos", avatar("one"), simFault, fault+"; delay_ms=20"); !errors.Is(got.err, io.EOF) {
				t.Errorf("a patient client got %+v", got)
			}
		})
	}
}

// TestCreateFaults_refusalsGoOut: an answer is lost only if a video was accepted.
func TestCreateFaults_refusalsGoOut(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	a.faulty(simulator.Rule{On: "create", Fault: "accept_reset", Count: 1})
	if got := refused(t, a.do("POST", "/v3/videos", object{"type": "nonsense"})); got.Status != 400 {
		t.Errorf("%+v", got)
	}
	if n := a.fired("create/accept_reset"); n != 0 {
		t.Errorf("fired %d times", n)
	}
	if got := a.try(t.Context(), "POST", "/v3/templates/template_1", object{"variables": object{}}); !errors.Is(got.err, syscall.ECONNRESET) {
		t.Errorf("the template after it: %+v", got)
	}
}

// TestTitleFaults: what is listed is what HeyGen kept, and the filter sees no more.
func TestTitleFaults(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 50)
	for name, c := range map[string]struct {
		rule  simulator.Rule
		want  string
		fired int
	}{
		"whole":           {simulator.Rule{On: "title", Fault: "cut", Keep: 60}, long, 0},
		"just whole":      {simulator.Rule{On: "title", Fault: "cut", Keep: 50}, long, 0},
		"cut":             {simulator.Rule{On: "title", Fault: "cut", Keep: 7}, "äääääää", 1},
		"cut by default":  {simulator.Rule{On: "title", Fault: "cut"}, strings.Repeat("ä", 40), 1},
		"another's":       {simulator.Rule{On: "title", Fault: "dropped"}, "Untitled Video", 1},
		"not this title":  {simulator.Rule{On: "title", Fault: "dropped", Title: "b"}, long, 0},
		"only a template": {simulator.Rule{On: "create", Fault: "error_500", Title: "b"}, long, 0},
	} {
		a := start(t, simulator.Options{})
		a.faulty(c.rule)
		if r := a.do("POST", "/v3/videos", avatar(long)); r.status != 200 {
			t.Fatalf("%s: %d %s", name, r.status, r.body)
		}
		if r := a.do("GET", "/v3/videos", nil); !strings.Contains(r.body, `"title":"`+c.want+`"`) {
			t.Errorf("%s: %s", name, r.body)
		}
		if n := a.fired("title/" + c.rule.Fault); n != c.fired {
			t.Errorf("%s: fired %d times, want %d", name, n, c.fired)
		}
	}
}

func TestCreateFaults_needAKey(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{APIKey: "test"})
	a.faulty(simulator.Rule{On: "create", Fault: "accept_500"})
	if r := a.do("POST", "/v3/videos", avatar("one"), "X-Api-Key", "wrong"); r.status != 401 {
		t.Errorf("%d", r.status)
	}
}
