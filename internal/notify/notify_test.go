package notify

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"heyq/internal/netguard"
)

// secret is a valid one that differs by its letter.
func secret(letter string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32)))
}

func newTestClient(t *testing.T, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{Secrets: []string{secret("a")}, Private: true, Agent: "heyq/test"}
	for _, c := range change {
		c(&o)
	}
	client, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func TestPost_can_be_verified_with_each_secret(t *testing.T) {
	t.Parallel()
	const body = `{"type":"video.completed"}`
	for _, known := range []string{"a", "b"} {
		verifier, err := standardwebhooks.NewWebhook(secret(known))
		if err != nil {
			t.Fatal(err)
		}
		address := serve(t, func(w http.ResponseWriter, r *http.Request) {
			got, err := io.ReadAll(r.Body)
			if err == nil {
				err = verifier.Verify(got, r.Header)
			}
			if err != nil || string(got) != body || r.Header.Get("webhook-id") != "msg" || r.Method != http.MethodPost {
				t.Errorf("%s %s with %v: %v", r.Method, got, r.Header, err)
			}
			if agent, kind := r.UserAgent(), r.Header.Get("Content-Type"); agent != "heyq/test" || kind != "application/json" {
				t.Errorf("agent %q, content type %q", agent, kind)
			}
			w.WriteHeader(http.StatusNoContent)
		})
		client := newTestClient(t, func(o *Options) { o.Secrets = []string{secret("a"), secret("b")} })
		if a := client.Post(t.Context(), address, "msg", time.Now(), []byte(body)); a.Err != nil || a.Status != 204 {
			t.Errorf("secret %s: %+v", known, a)
		}
	}
}

func TestPost_answers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		status int
		text   string
		wait   time.Duration
		err    string // a part of it; empty: delivered
	}{
		{"200", func(http.ResponseWriter, *http.Request) {}, 200, "", 0, ""},
		{"202 with words", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202); _, _ = io.WriteString(w, "thanks") }, 202, "", 0, ""},
		{"500 with words", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			_, _ = io.WriteString(w, " “no”\x00\x1b[31m \xff\n")
		}, 500, "“no”[31m", 0, "it answered 500 Internal Server Error"},
		{"a long body", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			_, _ = io.WriteString(w, strings.Repeat("é", 1<<20))
		}, 400, strings.Repeat("é", 500), 0, "it answered 400"},
		{"429 with seconds", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(429)
		}, 429, "", 2 * time.Minute, "it answered 429"},
		{"503 with nonsense", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "-1 soon")
			w.WriteHeader(503)
		}, 503, "", 0, "it answered 503"},
		{"302", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/other", http.StatusFound) }, 302, "", 0, "only 307 and 308 keep a POST"},
		{"a body cut off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		}, 200, "", 0, ""},
		{"no answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, "", 0, "EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := newTestClient(t).Post(t.Context(), serve(t, c.answer)+"?token=hunter2", "msg", time.Now(), nil)
			if a.Status != c.status || a.Text != c.text || a.RetryAfter != c.wait || (a.Err == nil) != (c.err == "") {
				t.Fatalf("got %+v", a)
			}
			if a.Err != nil && (!strings.Contains(a.Err.Error(), c.err) || strings.Contains(a.Err.Error(), "hunter2")) {
				t.Errorf("error %v, want %s and no token", a.Err, c.err)
			}
		})
	}
}

func TestPost_follows_what_keeps_a_POST(t *testing.T) {
	t.Parallel()
	for hops, want := range map[int]int{1: 200, 3: 200, 4: 307} {
		var posts atomic.Int32
		var address string
		address = serve(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if r.Method != http.MethodPost || string(body) != "body" || r.Header.Get("webhook-signature") == "" {
				t.Errorf("%s %q, %v", r.Method, body, r.Header)
			}
			if int(posts.Add(1)) <= hops {
				http.Redirect(w, r, address, http.StatusTemporaryRedirect)
			}
		})
		if a := newTestClient(t).Post(t.Context(), address, "msg", time.Now(), []byte("body")); a.Status != want {
			t.Errorf("%d redirects: got %+v, want %d", hops, a, want)
		}
	}
}

func TestPost_gives_up_on_who_hangs(t *testing.T) {
	t.Parallel()
	client := newTestClient(t, func(o *Options) { o.Timeout = 50 * time.Millisecond })
	done := make(chan struct{})
	address := serve(t, func(_ http.ResponseWriter, _ *http.Request) { <-done })
	defer close(done)
	a := client.Post(t.Context(), address, "msg", time.Now(), nil)
	if !errors.Is(a.Err, context.DeadlineExceeded) || a.Status != 0 {
		t.Errorf("got %+v", a)
	}
}

func TestPost_refuses_private_addresses(t *testing.T) {
	t.Parallel()
	private := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a private receiver was reached") })
	port := private[strings.LastIndex(private, ":"):]
	client := newTestClient(t, func(o *Options) { o.Private = false })
	for _, address := range []string{private, "http://localhost" + port, "https://[::1]" + port, "https://[::ffff:127.0.0.1]" + port} {
		if a := client.Post(t.Context(), address, "msg", time.Now(), nil); !errors.Is(a.Err, netguard.ErrNotPublic) {
			t.Errorf("%s: %+v, want that it is not public", address, a)
		}
	}
}

// A receiver on the open internet sends us home.
func TestPost_refuses_redirects_to_private_addresses(t *testing.T) {
	t.Parallel()
	private := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a private receiver was reached") })
	port := private[strings.LastIndex(private, ":"):]
	for to, want := range map[string]string{
		"https://127.0.0.1" + port: "its host is not a public address",
		"https://localhost" + port: "its host is not a public address",
		private:                    "which is not encrypted",
	} {
		client := newTestClient(t, func(o *Options) { o.Private = false })
		client.http.Transport = &redirector{to: to, next: client.http.Transport}
		if a := client.Post(t.Context(), "https://example.com/hook", "msg", time.Now(), []byte("body")); a.Err == nil || !strings.Contains(a.Err.Error(), want) {
			t.Errorf("to %s: %+v, want %s", to, a, want)
		}
	}
}

// redirector answers for example.com and leaves the rest to next.
type redirector struct {
	to   string
	next http.RoundTripper
}

func (r *redirector) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != "example.com" {
		return r.next.RoundTrip(req)
	}
	recorder := httptest.NewRecorder()
	recorder.Header().Set("Location", r.to)
	recorder.WriteHeader(http.StatusPermanentRedirect)
	return recorder.Result(), nil
}

// What names and addresses there are in our network is not for who names a
// receiver.
func TestPost_tells_nothing_of_the_network(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := closed.Addr().String()
	_ = closed.Close()
	lookup := func(e net.DNSError) error {
		e.Name, e.Server = "db.internal", "10.0.0.2:53"
		return &net.OpError{Op: "dial", Net: "tcp", Err: &e}
	}
	for _, c := range []struct {
		name    string
		private bool
		err     error // of the transport; nil: its own
		want    string
	}{
		{"an address of ours", false, nil, "its host is not a public address"},
		{"a name that does not exist", false, lookup(net.DNSError{Err: "no such host", IsNotFound: true}), "its host is not a public address"},
		{"a name that does not exist, where ours are allowed", true, lookup(net.DNSError{Err: "no such host", IsNotFound: true}), "there is no host of its name"},
		{"a resolver that is away", false, lookup(net.DNSError{Err: "i/o timeout", IsTimeout: true}), "its host could not be looked up"},
		{"nobody there", true, nil, "dial: connect: connection refused"},
		{"cut off", true, &net.OpError{Op: "read", Net: "tcp", Source: closed.Addr(), Addr: closed.Addr(), Err: errors.New("connection reset by peer")}, "read: connection reset by peer"},
	} {
		client := newTestClient(t, func(o *Options) { o.Private = c.private })
		if c.err != nil {
			client.http.Transport = failing{c.err}
		}
		if a := client.Post(t.Context(), "http://"+addr, "msg", time.Now(), nil); a.Err == nil || a.Err.Error() != c.want {
			t.Errorf("%s: got %q, want %q", c.name, a.Err, c.want)
		} else if same := strings.HasPrefix(c.want, "its host is not"); errors.Is(a.Err, netguard.ErrNotPublic) != same {
			t.Errorf("%s: it is told apart by its kind: %v", c.name, a.Err)
		}
	}
}

// failing is a transport that only fails.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestPost_unsigned(t *testing.T) {
	t.Parallel()
	client := newTestClient(t, func(o *Options) { o.Secrets = nil })
	if a := client.Post(t.Context(), "https://example.com", "msg", time.Now(), nil); !errors.Is(a.Err, ErrUnsigned) {
		t.Errorf("got %+v", a)
	}
	if _, err := New(Options{Secrets: []string{"whsec_hunter2!"}}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a wrong secret: %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "90": 90 * time.Second, "-5": 0, "1.5": 0, "99999999999999999999": 0,
		"Tue, 01 Jan 2030 00:01:00 GMT": time.Minute, "Mon, 31 Dec 2029 00:00:00 GMT": 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func TestWithoutURL(t *testing.T) {
	t.Parallel()
	cause := errors.New("refused")
	if got := withoutURL(&url.Error{Op: "Post", URL: "https://example.com?token=hunter2", Err: cause}); got.Error() != "refused" {
		t.Errorf("got %v", got)
	}
}
