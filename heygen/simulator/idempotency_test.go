package simulator_test

import (
	"strings"
	"testing"
	"time"

	"heyq/heygen/simulator"
)

const idempotencyKey = "Idempotency-Key"

func TestIdempotency_replays(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := start(t, simulator.Options{Clock: c.now})
	first := a.do("POST", "/v3/videos", avatar("one"), idempotencyKey, "k.1")

	for name, body := range map[string]any{"same body": avatar("one"), "another body": avatar("two"), "no body at all": nil} {
		if again := a.do("POST", "/v3/videos", body, idempotencyKey, "k.1"); again.body != first.body || again.status != first.status {
			t.Errorf("%s: %d %s", name, again.status, again.body)
		}
	}
	c.advance(24*time.Hour - time.Millisecond)
	if again := a.do("POST", "/v3/videos", nil, idempotencyKey, "k.1"); again.body != first.body {
		t.Errorf("just before 24 hours: %s", again.body)
	}
	c.advance(time.Millisecond)
	if again := a.do("POST", "/v3/videos", avatar("one"), idempotencyKey, "k.1"); again.status != 200 || again.body == first.body {
		t.Errorf("after 24 hours: %d %s", again.status, again.body)
	}
	if l := a.Ledger(); l.Accepted != 2 || l.Renders[0].IdempotencyKey != "k.1" {
		t.Errorf("ledger %+v", l)
	}
}

func TestIdempotency_scope(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	a.create("one", idempotencyKey, "k")
	a.create("two", idempotencyKey, "K")
	data[video](t, a.do("POST", "/v3/templates/template_1", object{"variables": object{}}, idempotencyKey, "k"))
	if n := a.Ledger().Accepted; n != 3 {
		t.Errorf("%d accepted, want 3", n)
	}
}

func TestIdempotency_withoutKeyEachIsNew(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	one, two := a.create("same"), a.create("same")
	if one == two {
		t.Error("two creates without a key made one video")
	}
}

func TestIdempotency_keyForm(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for _, bad := range []string{"", " ", "a b", "a/b", "ключ", strings.Repeat("k", 256)} {
		r := a.do("POST", "/v3/videos", avatar("one"), idempotencyKey, bad)
		if got := refused(t, r); got != (refusal{400, "invalid_parameter", idempotencyKey}) {
			t.Errorf("%q: %+v", bad, got)
		}
	}
	a.create("good", idempotencyKey, strings.Repeat("k", 249)+"_-:.A9")
}

func TestIdempotency_whatIsKept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts   simulator.Options
		bad    func(*account) result
		status int
		kept   bool
	}{
		"400": {
			status: 400, kept: true,
			bad: func(a *account) result { return a.do("POST", "/v3/videos", object{}, idempotencyKey, "k") },
		},
		"404": {
			status: 404, kept: true,
			bad: func(a *account) result {
				return a.do("POST", "/v3/videos", speaking.with(object{"avatar_id": "x"}), idempotencyKey, "k")
			},
		},
		"401": {
			status: 401,
			bad: func(a *account) result {
				return a.do("POST", "/v3/videos", avatar("one"), idempotencyKey, "k", "X-Api-Key", "")
			},
		},
		"429": {
			opts: simulator.Options{Concurrency: 1, RenderTime: time.Minute}, status: 429,
			bad: func(a *account) result {
				id := a.create("in the way")
				r := a.do("POST", "/v3/videos", avatar("one"), idempotencyKey, "k")
				a.do("DELETE", "/v3/videos/"+id, nil)
				return r
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, c.opts)
			bad := c.bad(a)
			if bad.status != c.status {
				t.Fatalf("status %d, want %d", bad.status, c.status)
			}
			again := a.do("POST", "/v3/videos", avatar("one"), idempotencyKey, "k")
			if kept := again.body == bad.body; kept != c.kept {
				t.Errorf("kept %v, want %v: %s", kept, c.kept, again.body)
			}
			if !c.kept && again.status != 200 {
				t.Errorf("then %d", again.status)
			}
		})
	}
}

func TestIdempotency_inFlight(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Latency: 300 * time.Millisecond})
	const senders = 5
	results := make(chan result, senders)
	for range senders {
		go func() { results <- a.do("POST", "/v3/videos", avatar("one"), idempotencyKey, "k") }()
	}
	accepted := 0
	for range senders {
		r := <-results
		if r.status == 200 {
			accepted++
			continue
		}
		if got := refused(t, r); got != (refusal{409, "request_in_progress", ""}) {
			t.Errorf("%+v", got)
		}
	}
	if accepted != 1 || a.Ledger().Accepted != 1 {
		t.Errorf("%d answered, %d billed", accepted, a.Ledger().Accepted)
	}
	if r := a.do("POST", "/v3/videos", avatar("one"), idempotencyKey, "k"); r.status != 200 {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
}
