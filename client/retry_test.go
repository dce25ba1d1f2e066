package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"heyq/internal/fault"
	"heyq/wire"
)

// flaky answers each request as the next of its script says, and all others with the last.
type flaky struct {
	*Client
	mu   sync.Mutex
	keys []string // of the requests that came, in their order
}

const videoID = "0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"

// The steps of a script. Any other step is a status.
const (
	breaks     = -1 // the connection ends without an answer
	breaksOff  = -2 // the connection ends within the answer
	longBefore = -3 // 429, and come back in an hour
)

func newFlaky(t *testing.T, script []int, options ...Option) *flaky {
	t.Helper()
	f := &flaky{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		step := script[min(len(f.keys), len(script)-1)]
		f.keys = append(f.keys, r.Header.Get("Idempotency-Key"))
		number := len(f.keys)
		f.mu.Unlock()
		switch step {
		case breaks:
			panic(http.ErrAbortHandler)
		case breaksOff:
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"id":`)
			panic(http.ErrAbortHandler)
		case longBefore:
			w.Header().Set("Retry-After", "3600")
			step = http.StatusTooManyRequests
		default:
			w.Header().Set("Retry-After", "0")
		}
		w.Header().Set("X-Request-Id", fmt.Sprint("request ", number))
		if step == http.StatusNoContent {
			w.WriteHeader(step)
			return
		}
		if step != http.StatusOK {
			w.Header().Set("Content-Type", "application/problem+json")
		}
		w.WriteHeader(step)
		_, _ = io.WriteString(w, `{"id":"`+videoID+`","detail":"refused"}`)
	}))
	server.Config.ErrorLog = nil
	t.Cleanup(server.Close)
	f.Client = New(server.URL, "", options...)
	return f
}

// sent returns the keys of the requests that came.
func (f *flaky) sent() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.keys
}

// What changes nothing, the same again, or what heyq knows by its key is sent again. All
// else is sent once.
func TestClient_repeats_what_is_safe(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]struct {
		again bool
		send  func(context.Context, *Client) error
	}{
		"GET":           {true, func(ctx context.Context, c *Client) error { _, err := c.Videos.Get(ctx, videoID); return err }},
		"GET of a file": {true, func(ctx context.Context, c *Client) error { _, err := c.Videos.File(ctx, videoID); return err }},
		"PUT": {true, func(ctx context.Context, c *Client) error {
			_, err := c.Turns.Set(ctx, "x", wire.TurnChange{})
			return err
		}},
		"DELETE": {true, func(ctx context.Context, c *Client) error { return c.Users.Delete(ctx, "x", "keep") }},
		"a create": {true, func(ctx context.Context, c *Client) error {
			_, err := c.Videos.Create(ctx, wire.NewVideo{}, "")
			return err
		}},
		"under a key": {true, func(ctx context.Context, c *Client) error {
			_, err := c.Videos.Create(ctx, wire.NewVideo{}, "k")
			return err
		}},
		"a batch": {true, func(ctx context.Context, c *Client) error {
			_, err := c.Videos.CreateBatch(ctx, Batch{Videos: []wire.NewVideo{{}}})
			return err
		}},
		"POST": {false, func(ctx context.Context, c *Client) error { _, err := c.Videos.Cancel(ctx, videoID); return err }},
		"a paid retry": {false, func(ctx context.Context, c *Client) error {
			_, err := c.Videos.Retry(ctx, videoID, wire.RetryRequest{})
			return err
		}},
		"a new user": {false, func(ctx context.Context, c *Client) error {
			_, err := c.Users.Create(ctx, wire.UserChange{})
			return err
		}},
		"PATCH": {false, func(ctx context.Context, c *Client) error {
			_, err := c.Users.Update(ctx, "x", wire.UserChange{})
			return err
		}},
	} {
		for _, step := range []int{breaks, http.StatusServiceUnavailable, http.StatusTooManyRequests} {
			t.Run(fmt.Sprint(name, " ", step), func(t *testing.T) {
				t.Parallel()
				f := newFlaky(t, []int{step, http.StatusOK})
				err := call.send(t.Context(), f.Client)
				want := 1
				if call.again {
					want = 2
				}
				if len(f.sent()) != want || (err == nil) != call.again {
					t.Errorf("%d requests and %v, want %d", len(f.sent()), err, want)
				}
			})
		}
	}
}

// A caller that gives no key has one, and it is the same for each try of a call.
func TestClient_makes_a_key_for_each_create(t *testing.T) {
	t.Parallel()
	f := newFlaky(t, []int{breaks, breaksOff, http.StatusServiceUnavailable, http.StatusOK})
	if _, err := f.Videos.Create(t.Context(), wire.NewVideo{}, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Videos.CreateBatch(t.Context(), Batch{Videos: []wire.NewVideo{{}}, Key: "mine"}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Videos.CreateBatch(t.Context(), Batch{Videos: []wire.NewVideo{{}}}); err != nil {
		t.Fatal(err)
	}
	keys := f.sent()
	first, last := keys[0], keys[len(keys)-1]
	if len(first) < 16 || !slices.Equal(keys[:len(keys)-1], []string{first, first, first, first, "mine"}) || last == first || len(last) < 16 {
		t.Errorf("the keys were %q", keys)
	}
}

func TestClient_gives_up(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script  []int
		options []Option
		tries   int
		status  int
		code    wire.Code
	}{
		"after four tries":              {[]int{503}, nil, 4, 503, wire.Unavailable},
		"at once if it repeats nothing": {[]int{503}, []Option{WithRetries(0, 0)}, 1, 503, wire.Unavailable},
		"if there is no time":           {[]int{breaks}, []Option{WithRetries(100, 50*time.Millisecond)}, 1, 0, wire.Unavailable},
		"if it is to wait for too long": {[]int{longBefore}, nil, 1, 429, wire.Unavailable},
		"of a bug":                      {[]int{500}, nil, 1, 500, wire.Internal},
		"of what is not there":          {[]int{404}, nil, 1, 404, wire.NotFound},
		"of a conflict":                 {[]int{409}, nil, 1, 409, wire.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFlaky(t, c.script, c.options...)
			_, err := f.Videos.Get(t.Context(), videoID)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Status != c.status || e.Code != c.code || len(f.sent()) != c.tries {
				t.Fatalf("%d tries and %#v, want %d", len(f.sent()), err, c.tries)
			}
			if want := fmt.Sprint("request ", c.tries); e.Status != 0 && e.RequestID != want {
				t.Errorf("it names request %q, want the last: %q", e.RequestID, want)
			}
		})
	}
}

// An end of ctx is not waited out, and a pause that would outlast ctx is not begun.
func TestClient_ends_with_its_context(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "20")
		w.WriteHeader(http.StatusServiceUnavailable)
		asked <- struct{}{}
	}))
	t.Cleanup(server.Close)
	go func() { <-asked; cancel() }()
	began := time.Now()
	if _, err := New(server.URL, "").Videos.Get(ctx, videoID); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
	short, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	_, err := New(server.URL, "").Videos.Get(short, videoID)
	if e, ok := errors.AsType[*Error](err); !ok || e.Status != http.StatusServiceUnavailable || len(asked) != 1 {
		t.Errorf("got %v after %d requests, want the refusal, which asks for more time than there is", err, len(asked))
	}
	if took := time.Since(began); took > 9*time.Second {
		t.Errorf("it took %s", took)
	}
}

// What a lost answer had deleted is deleted.
func TestClient_deletes_once(t *testing.T) {
	t.Parallel()
	f := newFlaky(t, []int{breaks, http.StatusNotFound})
	if err := f.Users.Delete(t.Context(), "x", "keep"); err != nil {
		t.Errorf("a user that the first try deleted: %v", err)
	}
	err := newFlaky(t, []int{http.StatusNotFound}).Webhooks.Delete(t.Context(), "x")
	if fault.CodeOf(err) != fault.NotFound {
		t.Errorf("one that was never there: %v", err)
	}
}

// That a heyq is not well is what was asked.
func TestClient_takes_bad_health_for_an_answer(t *testing.T) {
	t.Parallel()
	f := newFlaky(t, []int{http.StatusServiceUnavailable})
	if _, err := f.Server.Ready(t.Context()); err != nil || len(f.sent()) != 1 {
		t.Errorf("%d requests and %v", len(f.sent()), err)
	}
}

// Who gave no key cannot send it again.
func TestClient_advises_no_key_that_the_caller_has_not(t *testing.T) {
	t.Parallel()
	const lost = `{"detail":"the database did not say; send it again with the same idempotency keys, which creates nothing twice","advice":"repeat_under_key"}`
	own := []map[string]string{{"idempotency_key": "1"}, {"idempotency_key": "2"}}
	some := []map[string]string{{"idempotency_key": "1"}, {"title": "2"}}
	for name, c := range map[string]struct {
		want fault.Advice
		send func(*Client) error
	}{
		"no key":        {fault.LookBeforeRepeat, func(c *Client) error { _, err := c.Videos.Create(t.Context(), wire.NewVideo{}, ""); return err }},
		"a key":         {fault.RepeatUnderKey, func(c *Client) error { _, err := c.Videos.Create(t.Context(), wire.NewVideo{}, "k"); return err }},
		"in the video":  {fault.RepeatUnderKey, func(c *Client) error { _, err := c.Videos.Create(t.Context(), own[0], ""); return err }},
		"in all videos": {fault.RepeatUnderKey, func(c *Client) error { _, err := c.Videos.CreateBatch(t.Context(), Batch{Videos: own}); return err }},
		"in one video":  {fault.LookBeforeRepeat, func(c *Client) error { _, err := c.Videos.CreateBatch(t.Context(), Batch{Videos: some}); return err }},
	} {
		a := answering(t, http.StatusServiceUnavailable, "application/problem+json", lost)
		err := c.send(a)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Advice != c.want || f.Message != "the database did not say" {
			t.Errorf("%s: got %+v, want the advice %s", name, f, c.want)
		}
		if said, _, _ := c.want.Words(""); !strings.Contains(err.Error(), said) {
			t.Errorf("%s: %v does not say %q", name, err, said)
		}
	}
}
