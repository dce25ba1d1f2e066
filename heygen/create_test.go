package heygen_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen"
)

func TestCreate_sends_one_post_and_reads_both_receipts(t *testing.T) {
	t.Parallel()
	speed := 1.2
	for _, c := range []struct {
		name   string
		create heygen.Create
		answer string
		path   string
		body   string
	}{
		{
			name: "avatar",
			create: heygen.Create{Body: heygen.AvatarVideo{
				AvatarID: "look", Script: "Hi <Ada>", VoiceID: "v", Title: "t", AspectRatio: "9:16",
				Caption: &heygen.Caption{FileFormat: "srt"}, VoiceSettings: &heygen.VoiceSettings{Speed: &speed}, CallbackID: "id.1",
			}},
			answer: `{"data":{"video_id":"hv1","status":"waiting","output_format":"mp4"}}`,
			path:   "/v3/videos",
			body: `{"type":"avatar","avatar_id":"look","script":"Hi <Ada>","voice_id":"v","title":"t","aspect_ratio":"9:16",
				"caption":{"file_format":"srt"},"voice_settings":{"speed":1.2},"callback_id":"id.1"}`,
		},
		{
			name: "template",
			create: heygen.Create{TemplateID: "tpl/1", Body: heygen.TemplateVideo{
				Variables: map[string]any{"name": map[string]any{"type": "text"}}, Caption: true,
			}},
			answer: `{"data":{"id":"hv1","status":"waiting"}}`,
			path:   "/v3/templates/tpl%2F1",
			body:   `{"variables":{"name":{"type":"text"}},"caption":true}`,
		},
		{
			name:   "template without variables",
			create: heygen.Create{TemplateID: "tpl", Body: heygen.TemplateVideo{}},
			answer: `{"data":{"id":"hv1","status":"waiting"}}`,
			path:   "/v3/templates/tpl",
			body:   `{"variables":{}}`,
		},
		{
			name:   "passed through",
			create: heygen.Create{Body: map[string]any{"type": "studio", "scenes": []any{}}},
			answer: `{"error":null,"data":{"video_id":"hv1","status":"waiting"}}`,
			path:   "/v3/videos",
			body:   `{"type":"studio","scenes":[]}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost || r.URL.EscapedPath() != c.path {
					t.Errorf("got %s %s, want POST %s", r.Method, r.URL.EscapedPath(), c.path)
				}
				if got := r.Header.Get("Idempotency-Key"); got != "id.1.r2" {
					t.Errorf("Idempotency-Key is %q", got)
				}
				if r.ContentLength <= 0 || r.Header.Get("Content-Type") != "application/json" {
					t.Errorf("length %d, type %q", r.ContentLength, r.Header.Get("Content-Type"))
				}
				var got, want any
				if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
					t.Error(err)
				}
				if err := json.Unmarshal([]byte(c.body), &want); err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}
				say(200, c.answer)(w, r)
			})
			c.create.IdempotencyKey = "id.1.r2"
			got, err := client.Videos.Create(t.Context(), c.create)
			if diff := cmp.Diff(heygen.Created{ID: "hv1", Status: heygen.StatusWaiting}, got); diff != "" || err != nil {
				t.Errorf("err %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestCreate_errors is the whole table of what an answer may mean for a create.
func TestCreate_errors(t *testing.T) {
	t.Parallel()
	const (
		refused = "refused"
		unclear = "unclear"
	)
	for _, c := range []struct {
		name   string
		status int
		body   string
		code   string // "" if the error is no *heygen.Error
		want   string
	}{
		{"bad request", 400, `{"error":{"code":"invalid_parameter","message":"no","param":"avatar_id"}}`, "invalid_parameter", refused},
		{"wrong key", 401, `{"error":{"code":"unauthorized","message":"Unauthorized"}}`, "unauthorized", refused},
		{"wrong key, as documented", 401, `{"error":{"code":"authentication_failed","message":"Invalid"}}`, "authentication_failed", refused},
		{"no money", 402, `{"error":{"code":"insufficient_credit","message":"5 < 10"}}`, "insufficient_credit", refused},
		{"forbidden by a gateway", 403, `<html>no</html>`, "forbidden", unclear},
		{"forbidden by a gateway that speaks JSON", 403, `{"message":"Forbidden"}`, "forbidden", unclear},
		{"refused by a proxy", 407, `{"error":"login first"}`, "proxy_authentication_required", unclear},
		{"no reason", 400, ``, "invalid_parameter", unclear},
		{"an unknown shape", 422, `{"detail":[{"msg":"Extra inputs are not permitted"}]}`, "unprocessable_entity", unclear},
		{"an unknown error object", 400, `{"error":{"type":"validation","detail":"no"}}`, "invalid_parameter", refused},
		{"no avatar", 404, `{"error":{"code":"avatar_not_found","message":"no"}}`, "avatar_not_found", refused},
		{"too long", 413, ``, "payload_too_large", unclear},
		{"old shape", 400, `{"code":400112,"message":"Unauthorized"}`, "400112", refused},
		{"too slow for HeyGen", 408, ``, "request_timeout", unclear},
		{"in flight", 409, `{"error":{"code":"request_in_progress","message":"wait"}}`, "request_in_progress", unclear},
		{"not ready", 409, `{"error":{"code":"resource_not_ready","message":"wait"}}`, "resource_not_ready", refused},
		{"in conflict", 409, `{"error":{"code":"conflict","message":"no"}}`, "conflict", refused},
		{"in conflict, by a gateway", 409, `<html>conflict</html>`, "conflict", unclear},
		{"too many", 429, `{"error":{"code":"rate_limit_exceeded","message":"wait"}}`, "rate_limit_exceeded", unclear},
		{"redirect", 307, ``, "temporary_redirect", unclear},
		{"broken", 500, `{"error":{"code":"internal_error","message":"oops"}}`, "internal_error", unclear},
		{"gateway", 502, `<html>bad gateway</html>`, "bad_gateway", unclear},
		{"gateway's timeout", 504, `upstream`, "gateway_timeout", unclear},
		{"yes with an error", 200, `{"data":null,"error":{"code":"internal_error","message":"oops"}}`, "internal_error", unclear},
		{"yes with an error and an id", 200, `{"data":{"video_id":"x"},"error":"oops"}`, "ok", unclear},
		{"yes without an id", 200, `{"data":{"status":"waiting"}}`, "", unclear},
		{"yes without data", 200, `{}`, "", unclear},
		{"yes, not JSON", 200, `<html>welcome</html>`, "", unclear},
		{"yes, of another type", 200, `{"data":[]}`, "", unclear},
		{"yes, empty", 200, ``, "", unclear},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Int32
			client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
				sent.Add(1)
				w.Header().Set("Location", "/elsewhere")
				say(c.status, c.body)(w, r)
			})
			_, err := client.Videos.Create(t.Context(), heygen.Create{Body: heygen.AvatarVideo{}, IdempotencyKey: "k"})
			if n := sent.Load(); n != 1 {
				t.Errorf("%d requests were sent, want 1", n)
			}
			if err == nil || errors.Is(err, heygen.ErrNotSent) {
				t.Fatalf("got %v, want an answer's error", err)
			}
			answer, isAnswer := errors.AsType[*heygen.Error](err)
			switch {
			case c.code == "" && (isAnswer || !errors.Is(err, heygen.ErrUnreadable)):
				t.Errorf("got %v, want an unreadable answer", err)
			case c.code != "" && (!isAnswer || answer.Code != c.code || answer.Status != c.status):
				t.Errorf("got %v, want status %d, code %s", err, c.status, c.code)
			}
			if got := isAnswer && answer.Refused(); got != (c.want == refused) {
				t.Errorf("refused is %t, want %s: %v", got, c.want, err)
			}
		})
	}
}

func TestCreate_guard_stops_it_at_the_wire(t *testing.T) {
	t.Parallel()
	late := errors.New("the lease is too old")
	client := clientOf(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	_, err := client.Videos.Create(t.Context(), heygen.Create{
		Body: heygen.AvatarVideo{}, IdempotencyKey: "k", MaySend: func() error { return late },
	})
	if !errors.Is(err, heygen.ErrNotSent) || !errors.Is(err, late) {
		t.Errorf("got %v, want not sent, because late", err)
	}
}

func TestCreate_guard_is_asked_once_and_last(t *testing.T) {
	t.Parallel()
	var order []string
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		order = append(order, "arrived")
		say(200, `{"data":{"video_id":"x","status":"waiting"}}`)(w, r)
	}, func(o *heygen.Options) {
		base := o.Transport
		o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			order = append(order, "wire")
			return base.RoundTrip(r)
		})
	})
	_, err := client.Videos.Create(t.Context(), heygen.Create{
		Body: heygen.AvatarVideo{}, IdempotencyKey: "k",
		MaySend: func() error { order = append(order, "guard"); return nil },
	})
	if diff := cmp.Diff([]string{"guard", "wire", "arrived"}, order); diff != "" || err != nil {
		t.Errorf("err %v (-want +got):\n%s", err, diff)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestCreate_is_not_sent_when(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx    context.Context
		create heygen.Create
	}{
		"its context is over":       {cancelled, heygen.Create{Body: 1, IdempotencyKey: "k"}},
		"it has no key":             {t.Context(), heygen.Create{Body: 1}},
		"its key has a space":       {t.Context(), heygen.Create{Body: 1, IdempotencyKey: "a b"}},
		"its body cannot be JSON":   {t.Context(), heygen.Create{Body: make(chan int), IdempotencyKey: "k"}},
		"its template is elsewhere": {t.Context(), heygen.Create{Body: 1, IdempotencyKey: "k", TemplateID: ".."}},
	} {
		client := clientOf(t, func(http.ResponseWriter, *http.Request) { t.Errorf("%s: a request was sent", name) })
		_, err := client.Videos.Create(c.ctx, c.create)
		if !errors.Is(err, heygen.ErrNotSent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCreate_is_not_replayed_on_a_dying_connection: net/http repeats a request
// on its own when a reused connection dies before the answer, if the request can
// be rewound and has an Idempotency-Key. Ours must not be.
func TestCreate_is_not_replayed_on_a_dying_connection(t *testing.T) {
	t.Parallel()
	server := newDyingServer(t)
	client, err := heygen.New(heygen.Options{BaseURL: server.url, APIKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	create := heygen.Create{Body: heygen.AvatarVideo{AvatarID: "look"}, IdempotencyKey: "id.1"}
	if _, err := client.Videos.Create(t.Context(), create); err != nil {
		t.Fatalf("first create: %v", err)
	}
	_, err = client.Videos.Create(t.Context(), create)
	if err == nil || errors.Is(err, heygen.ErrNotSent) {
		t.Errorf("got %v, want an unclear error", err)
	}
	if _, refusal := errors.AsType[*heygen.Error](err); refusal {
		t.Errorf("got %v, want no answer at all", err)
	}
	if posts, conns := server.posts.Load(), server.conns.Load(); posts != 2 || conns != 1 {
		t.Errorf("the server saw %d posts on %d connections, want 2 on 1", posts, conns)
	}
}

// TestDyingServer_catches_a_replay shows that the test above can fail: a plain
// request with GetBody is sent three times for two calls.
func TestDyingServer_catches_a_replay(t *testing.T) {
	t.Parallel()
	server := newDyingServer(t)
	client := &http.Client{Transport: heygen.NewTransport()}
	for range 2 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.url, newBody())
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Idempotency-Key", "id.1")
		if resp, err := client.Do(req); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	}
	if posts := server.posts.Load(); posts != 3 {
		t.Errorf("the server saw %d posts, want 3", posts)
	}
}

// dyingServer answers the first request of a connection and hangs up on the
// second, once it has read it.
type dyingServer struct {
	url          string
	posts, conns atomic.Int32
}

func newDyingServer(t *testing.T) *dyingServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	s := &dyingServer{url: "http://" + listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.conns.Add(1)
			go s.serve(conn)
		}
	}()
	return s
}

func (s *dyingServer) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for n := range 2 {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		s.posts.Add(1)
		if n == 0 {
			const body = `{"data":{"video_id":"x","status":"waiting"}}`
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n"+body)
		}
	}
}
