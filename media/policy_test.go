package media_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"heyq/internal/policy"
	"heyq/media"
)

// behindPolicies gives a library breakers that open at the second failure.
func behindPolicies(o *media.Options) {
	set := policy.New(policy.Options{Failures: 2})
	o.Policies = media.Policies{
		Hosts: set.Hosts("files"), Store: set.Breaker("media"),
		Timeout: set.Timeout("media", 5*time.Second),
	}
}

func TestFetch_leaves_a_host_alone_that_is_down(t *testing.T) {
	t.Parallel()
	data := tiny(t)
	for _, c := range []struct {
		name  string
		serve http.HandlerFunc
		opens bool
	}{
		{"5xx", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, true},
		{"no answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, true},
		{"link expired", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, false},
		{"busy", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, false},
		{"cut off in the middle", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(data)
			panic(http.ErrAbortHandler)
		}, false},
		{"good", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				c.serve(w, r)
			}))
			t.Cleanup(server.Close)
			t.Cleanup(server.CloseClientConnections)
			l, _ := newLibrary(t, behindPolicies, func(o *media.Options) {
				if c.name == "hangs" { // a busy machine must not make one of the others
					o.Stall = 20 * time.Millisecond
				}
			})
			src := media.Source{URL: server.URL}
			for range 2 {
				if s, err := l.Fetch(t.Context(), src); err == nil {
					_ = s.Remove()
				} else if policy.RefusalIn(err) != nil {
					t.Fatalf("it is refused too early: %v", err)
				}
			}
			before := asked.Load()
			s, err := l.Fetch(t.Context(), src)
			if err == nil {
				_ = s.Remove()
			}
			if refused := policy.RefusalIn(err) != nil; refused != c.opens || refused && asked.Load() != before {
				t.Errorf("after two failures: %v, and %d more requests", err, asked.Load()-before)
			}
		})
	}
}

// The requests of one Fetch are one call: a single file that its host cannot give
// does not stop the others.
func TestFetch_is_one_call_to_the_breaker(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			w.WriteHeader(500)
			return
		}
		_, _ = w.Write([]byte("good"))
	}))
	t.Cleanup(server.Close)
	l, _ := newLibrary(t, behindPolicies)
	if _, err := l.Fetch(t.Context(), media.Source{URL: server.URL + "/bad"}); err == nil {
		t.Fatal("a 500 is a file")
	}
	s, err := l.Fetch(t.Context(), media.Source{URL: server.URL + "/good"})
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Remove()
}

func TestBucket_behind_its_policies(t *testing.T) {
	t.Parallel()
	var status, asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if s := int(status.Load()); s != 0 {
			w.WriteHeader(s)
			return
		}
		w.Header().Set("ETag", `"x"`)
	}))
	t.Cleanup(server.Close)
	l, _ := newLibrary(t, behindPolicies, func(o *media.Options) {
		o.URL = "s3://shelf?region=us-east-1&anonymous=true&use_path_style=true&disable_https=true&endpoint=" + server.URL
	})
	publish := func() error {
		return l.Publish(t.Context(), "videos/v/1/", media.File{Name: "script.txt", Data: []byte("Hello")})
	}
	for range 3 { // no permission is no reason to leave it alone
		status.Store(403)
		if err := publish(); err == nil || policy.RefusalIn(err) != nil {
			t.Fatalf("403: %v", err)
		}
	}
	status.Store(503)
	for range 2 {
		if err := publish(); err == nil || policy.RefusalIn(err) != nil {
			t.Fatalf("503: %v", err)
		}
	}
	before := asked.Load()
	_, openErr := l.Open(t.Context(), "videos/v/1/video.mp4")
	for what, err := range map[string]error{"publish": publish(), "open": openErr, "ping": l.Ping(t.Context())} {
		if policy.RefusalIn(err) == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := asked.Load(); n != before {
		t.Errorf("%d requests were made while the breaker was open", n-before)
	}
}
