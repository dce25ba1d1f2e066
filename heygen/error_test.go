package heygen_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen"
)

func newBody() *strings.Reader { return strings.NewReader(`{}`) }

func TestError_keeps_what_HeyGen_said(t *testing.T) {
	t.Parallel()
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "req_7")
		w.Header().Set("Retry-After", "60")
		say(429, `{"error":{"code":"quota_exceeded","message":"Come\u0000back\nlater","param":"script","doc_url":null}}`)(w, r)
	})
	_, err := client.Users.Me(t.Context())
	got, ok := errors.AsType[*heygen.Error](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	want := &heygen.Error{
		Status: 429, Code: "quota_exceeded", Message: "Come back later", Param: "script",
		RequestID: "req_7", RetryAfter: time.Minute,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := err.Error(); got != "me: heygen answered 429 quota_exceeded: Come back later (param script) (request req_7)" {
		t.Errorf("got %s", got)
	}
}

// TestError_never_shows_the_key: not even when HeyGen repeats it, nor when there
// is no HeyGen.
func TestError_never_shows_the_key(t *testing.T) {
	t.Parallel()
	echo := `{"error":{"code":"` + testKey + `","message":"the key ` + testKey + ` is wrong","param":"` + testKey + `"}}`
	for name, handler := range map[string]http.HandlerFunc{
		"repeated in a refusal": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Request-Id", testKey)
			say(401, echo)(w, r)
		},
		"repeated in a 200":    say(200, echo),
		"repeated in no JSON":  say(200, testKey),
		"repeated as a status": say(200, `{"data":{"id":{"`+testKey+`":1}}}`),
		"redirected with it":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/?key="+testKey, http.StatusFound) },
		"hung up on":           func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"repeated in a failed video": say(200,
			`{"data":{"id":"x","status":"failed","failure_code":"`+testKey+`","failure_message":"`+testKey+`"}}`),
	} {
		client := clientOf(t, handler)
		v, err := client.Videos.Get(t.Context(), "x")
		if err != nil && strings.Contains(err.Error(), testKey) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(v.FailureCode+v.FailureMessage, testKey) {
			t.Errorf("%s: %+v", name, v)
		}
		_, err = client.Videos.Create(t.Context(), heygen.Create{Body: 1, IdempotencyKey: "k"})
		if err != nil && strings.Contains(err.Error(), testKey) {
			t.Errorf("%s: create: %v", name, err)
		}
	}
	nobody, err := heygen.New(heygen.Options{BaseURL: "http://127.0.0.1:1", APIKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	_, err = nobody.Users.Me(t.Context())
	if err == nil || strings.Contains(err.Error(), testKey) {
		t.Errorf("unreachable: %v", err)
	}
}

func TestError_is_bounded(t *testing.T) {
	t.Parallel()
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v3/users/me" {
			say(400, `{"error":{"code":"x","message":"`+strings.Repeat("ä", 20_000)+`"}}`)(w, r)
			return
		}
		say(200, `{"data":[{"title":"`+strings.Repeat("x", 9<<20)+`"}]}`)(w, r)
	})
	_, err := client.Users.Me(t.Context())
	if e, ok := errors.AsType[*heygen.Error](err); !ok || len(e.Message) > 1000 || !strings.HasPrefix(e.Message, "ää") {
		t.Errorf("got %.200v", err)
	}
	if _, err := client.Videos.List(t.Context(), heygen.ListOptions{}); !errors.Is(err, heygen.ErrUnreadable) {
		t.Errorf("9 MiB: got %.200v", err)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for s, want := range map[heygen.Status]struct{ final, known bool }{
		heygen.StatusWaiting:    {false, true},
		heygen.StatusProcessing: {false, true},
		heygen.StatusNotFound:   {false, true},
		heygen.StatusCompleted:  {true, true},
		heygen.StatusFailed:     {true, true},
		"polishing":             {false, false},
		"":                      {false, false},
	} {
		if s.Final() != want.final || s.Known() != want.known {
			t.Errorf("%q: final %t, known %t", s, s.Final(), s.Known())
		}
	}
}
