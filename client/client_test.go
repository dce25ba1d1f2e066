package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"heyq/internal/fault"
)

// answering returns a client of a server that gives one answer to everything.
func answering(t *testing.T, status int, contentType, body string) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return New(server.URL+"/", "", WithRetries(0, 0))
}

func TestClient_refusals_become_faults(t *testing.T) {
	t.Parallel()
	const problems = "application/problem+json"
	for _, test := range []struct {
		name, contentType, body string
		status                  int
		want                    *fault.Error
	}{
		{
			name: "with fields", status: http.StatusUnprocessableEntity, contentType: problems,
			body: `{"title":"Unprocessable Entity","status":422,"detail":"the body is not valid","errors":[
				{"message":"is blank","location":"body.videos[3].script","value":" "},{"message":"is no number","location":"query.page"}]}`,
			want: &fault.Error{Code: fault.Invalid, Message: "the body is not valid", Fields: []fault.Field{
				{Name: "videos[3].script", Value: " ", Message: "is blank"}, {Name: "query.page", Message: "is no number"},
			}},
		},
		{
			name: "with a title only", status: http.StatusNotFound, contentType: problems + "; charset=utf-8",
			body: `{"title":"Not Found"}`,
			want: &fault.Error{Code: fault.NotFound, Message: "Not Found"},
		},
		{
			name: "unavailable", status: http.StatusServiceUnavailable, contentType: problems, body: `{"detail":"the store is away"}`,
			want: &fault.Error{Code: fault.Unavailable, Message: "the store is away"},
		},
		{
			name: "too many wrong tokens", status: http.StatusTooManyRequests, contentType: problems, body: `{"detail":"wait a minute"}`,
			want: &fault.Error{Code: fault.Unavailable, Message: "wait a minute"},
		},
		{
			name: "a status of no fault", status: http.StatusTeapot, contentType: problems, body: `{"detail":"short and stout"}`,
			want: &fault.Error{Code: fault.Internal, Message: "short and stout"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := answering(t, test.status, test.contentType, test.body).Videos.Get(t.Context(), "x")
			shown, ok := errors.AsType[*Error](err)
			if !ok || shown.Code != test.want.Code || shown.Status != test.status || shown.Message != test.want.Message || !cmp.Equal(shown.Fields, test.want.Fields, cmpopts.EquateEmpty()) {
				t.Errorf("got %#v, want what says %+v", err, test.want)
			}
			var got *fault.Error
			if !errors.As(err, &got) || got.Error() != err.Error() {
				t.Fatalf("no fault that says the same: %v", err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("fault (-want +got):\n%s", diff)
			}
		})
	}
}

// Who is not let in is told what to show, and is not told of headers.
func TestClient_shows_the_token(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer right" {
			_, _ = io.WriteString(w, `{"id":"x"}`)
			return
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"detail":"send it as a header"}`)
	}))
	t.Cleanup(server.Close)
	for token, want := range map[string]string{
		"":      server.URL + " wants its operator token",
		"wrong": server.URL + " knows no such key, and has another operator token than the one that it was shown",
	} {
		_, err := New(server.URL, token).Videos.Get(t.Context(), "x")
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Code != fault.Invalid || f.Message != want || !strings.Contains(f.Hint, "HEYQ_OPERATOR_TOKEN") || !strings.Contains(f.Hint, "operator-token") {
			t.Errorf("with %q: got %v, want %q", token, err, want)
		}
	}
	if _, err := New(server.URL, "right").Server.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// What is no heyq is told apart from a heyq that refuses.
func TestClient_answers_of_somebody_else(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		body   string
		want   fault.Code
	}{
		{http.StatusBadGateway, "<html>no upstream</html>", fault.Unavailable},
		{http.StatusNotFound, "404 page not found", fault.NotFound},
		{http.StatusOK, "<html>welcome</html>", fault.Unavailable},
		{http.StatusFound, "", fault.Internal},
	} {
		_, err := answering(t, test.status, "text/html", test.body).Videos.Get(t.Context(), "x")
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Code != test.want || f.Hint == "" {
			t.Errorf("%d: got %v, want %s with a hint", test.status, err, test.want)
		}
	}
}

func TestClient_nobody_there(t *testing.T) {
	t.Parallel()
	_, err := New("http://127.0.0.1:1", "").Admission.Get(t.Context())
	if fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New("http://127.0.0.1:1", "").Admission.Get(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("an end of the context became %v", err)
	}
}

// --json shows what the API said, and not what this client knows of it.
func TestVideo_keeps_unknown_fields(t *testing.T) {
	t.Parallel()
	const id = "0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"
	const said = `{"id":"` + id + `","state":"completed","from_the_future":[1,2]}`
	v, err := answering(t, http.StatusOK, "application/json", said).Videos.Get(t.Context(), id)
	if err != nil || v.ID != id || !v.State.Final() {
		t.Fatalf("got %+v (%v)", v, err)
	}
	again, err := json.Marshal(v)
	if err != nil || string(again) != said {
		t.Errorf("got %s (%v), want %s", again, err, said)
	}
}

func TestClient_health_of_one_that_is_not_well(t *testing.T) {
	t.Parallel()
	const said = `{"status":"unhealthy","checks":{"store":{"status":"unhealthy","reason":"away"}}}`
	h, err := answering(t, http.StatusServiceUnavailable, "application/json", said).Server.Ready(t.Context())
	if err != nil || h.Checks["store"].Reason != "away" {
		t.Errorf("got %+v (%v)", h, err)
	}
}
