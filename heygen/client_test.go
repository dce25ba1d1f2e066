package heygen_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen"
	"heyq/internal/fault"
	"heyq/internal/policy"
)

const testKey = "sk-6f1d2c-never-shown"

// clientOf returns a client of a server that answers with h.
func clientOf(t *testing.T, h http.HandlerFunc, change ...func(*heygen.Options)) *heygen.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	transport := heygen.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	o := heygen.Options{BaseURL: server.URL, APIKey: testKey, Transport: transport}
	for _, c := range change {
		c(&o)
	}
	client, err := heygen.New(o)
	if err != nil {
		t.Fatalf("new: %v", err)
	}
	return client
}

func timeoutOf(limit time.Duration) *policy.Timeout {
	return policy.New(policy.Options{}).Timeout("heygen", limit)
}

// say answers with a status and a body.
func say(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestNew_refuses_what_cannot_work(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]heygen.Options{
		"no key":           {},
		"key with newline": {APIKey: testKey + "\n"},
		"no scheme":        {APIKey: testKey, BaseURL: "api.heygen.com"},
		"other scheme":     {APIKey: testKey, BaseURL: "ftp://api.heygen.com"},
		"login in the URL": {APIKey: testKey, BaseURL: "https://me:secret@api.heygen.com"},
	} {
		_, err := heygen.New(o)
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: got %v, want an invalid fault", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), testKey) || strings.Contains(err.Error(), "secret@")) {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
	}
}

func TestClient_reads(t *testing.T) {
	t.Parallel()
	type call struct{ Line, Key string }
	var mu sync.Mutex
	var calls []call
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		calls = append(calls, call{r.Method + " " + r.URL.String(), r.Header.Get("x-api-key")})
		mu.Unlock()
		say(200, map[string]string{
			"/v3/users/me":           `{"data":{"username":"ada","billing_type":"wallet","wallet":{"currency":"usd","remaining_balance":12.5}}}`,
			"/v3/avatars/looks":      `{"data":[{"id":"look_1","name":"Ada","default_voice_id":"v1"}],"has_more":true,"next_token":"t2"}`,
			"/v3/voices":             `{"data":[{"voice_id":"v1","name":"Vera","support_pause":true}],"has_more":false,"next_token":null}`,
			"/v3/templates":          `{"data":[{"id":"tpl","name":"Hello"}],"has_more":false,"next_token":null}`,
			"/v3/templates/tpl":      `{"data":{"id":"tpl","name":"Hello","variables":{"name":{"type":"text"}},"scene_ids":["s1"]}}`,
			"/v3/videos/v/1":         `{"data":{"id":"v/1","status":"completed","video_url":"https://f/1.mp4","duration":3.5,"title":null}}`,
			"/v3/videos/statuses":    `{"data":[{"video_id":"a","status":"processing","error":null},{"video_id":"b","status":"failed","error":{"code":400105,"message":"blocked\u0000words"}},{"video_id":"c","status":"not_found"},{"video_id":null,"status":"queued","batch_id":"x"}]}`,
			"/v3/webhooks/endpoints": `{"data":[{"endpoint_id":"e1","url":"https://me","status":"enabled"}],"has_more":false,"next_token":null}`,
		}[r.URL.Path])(w, r)
	})
	ctx := t.Context()
	balance := 12.5
	for _, c := range []struct {
		line string
		call func() (any, error)
		want any
	}{
		{
			"GET /v3/users/me", func() (any, error) { return client.Users.Me(ctx) },
			heygen.User{Username: "ada", BillingType: "wallet", Wallet: &heygen.Wallet{Currency: "usd", RemainingBalance: &balance}},
		},
		{
			"GET /v3/videos/v%2F1", func() (any, error) { return client.Videos.Get(ctx, "v/1") },
			heygen.Video{ID: "v/1", Status: heygen.StatusCompleted, VideoURL: "https://f/1.mp4", Duration: 3.5},
		},
		{
			"GET /v3/videos/statuses?video_ids=a,b,c", func() (any, error) { return client.Videos.Statuses(ctx, []string{"a", "b", "c"}) },
			[]heygen.VideoStatus{
				{ID: "a", Status: heygen.StatusProcessing},
				{ID: "b", Status: heygen.StatusFailed, Code: "400105", Message: "blocked words"},
				{ID: "c", Status: heygen.StatusNotFound},
			},
		},
		{
			"GET /v3/webhooks/endpoints", func() (any, error) { return client.Webhooks.List(ctx, 0, "") },
			heygen.Page[heygen.Endpoint]{Items: []heygen.Endpoint{{ID: "e1", URL: "https://me", Status: "enabled"}}},
		},
	} {
		calls = nil
		got, err := c.call()
		if err != nil {
			t.Errorf("%s: %v", c.line, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.line, diff)
		}
		if diff := cmp.Diff([]call{{c.line, testKey}}, calls); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.line, diff)
		}
	}
}

func TestClient_webhook_endpoints_come_and_go(t *testing.T) {
	t.Parallel()
	var lines []string
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		_ = json.NewDecoder(r.Body).Decode(&body)
		lines = append(lines, fmt.Sprint(r.Method, " ", r.URL.Path, " ", body))
		say(200, `{"data":{"endpoint_id":"e1","url":"https://me","secret":"whsec","status":"enabled"}}`)(w, r)
	})
	endpoint, err := client.Webhooks.Create(t.Context(), "https://me", "avatar_video.success")
	if err != nil || endpoint.Secret != "whsec" {
		t.Fatalf("create: %+v, %v", endpoint, err)
	}
	if err := client.Webhooks.Delete(t.Context(), endpoint.ID); err != nil {
		t.Fatalf("delete: %v", err)
	}
	want := []string{
		"POST /v3/webhooks/endpoints map[events:[avatar_video.success] url:https://me]",
		"DELETE /v3/webhooks/endpoints/e1 map[]",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestClient_an_id_names_no_other_resource(t *testing.T) {
	t.Parallel()
	client := clientOf(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	for _, id := range []string{"", ".", ".."} {
		_, err := client.Videos.Get(t.Context(), id)
		if !errors.Is(err, heygen.ErrNotSent) {
			t.Errorf("get %q: %v", id, err)
		}
		if err := client.Videos.Delete(t.Context(), id); !errors.Is(err, heygen.ErrNotSent) {
			t.Errorf("delete %q: %v", id, err)
		}
	}
	if _, err := client.Videos.Statuses(t.Context(), make([]string, 101)); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("101 ids: %v", err)
	}
}

func TestClient_records_each_request_by_name(t *testing.T) {
	t.Parallel()
	type seen struct {
		Call   string
		Status int
	}
	var got []seen
	tries := 0
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		if tries++; tries == 1 {
			say(503, "")(w, r)
			return
		}
		say(200, `{"data":[]}`)(w, r)
	}, func(o *heygen.Options) {
		o.Record = func(call string, status int, err error, took time.Duration) {
			if err != nil || took <= 0 {
				t.Errorf("%s: err %v, took %s", call, err, took)
			}
			got = append(got, seen{call, status})
		}
	})
	if _, err := client.Videos.Statuses(t.Context(), []string{"a"}); err != nil {
		t.Fatal(err)
	}
	if err := client.Videos.Delete(t.Context(), "a"); !errors.Is(err, heygen.ErrUnreadable) {
		t.Errorf("delete answered with a list: %v", err)
	}
	if diff := cmp.Diff([]seen{{"statuses", 503}, {"statuses", 200}, {"delete", 200}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestClient_gives_up_in_time(t *testing.T) {
	t.Parallel()
	held := make(chan struct{})
	client := clientOf(t, func(_ http.ResponseWriter, r *http.Request) { <-held },
		func(o *heygen.Options) {
			o.Timeout, o.CreateTimeout = timeoutOf(50*time.Millisecond), timeoutOf(50*time.Millisecond)
		})
	t.Cleanup(func() { close(held) }) // runs before the server closes
	_, err := client.Users.Me(t.Context())
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("me: %v", err)
	}
	_, err = client.Videos.Create(t.Context(), heygen.Create{Body: 1, IdempotencyKey: "k"})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, heygen.ErrNotSent) {
		t.Errorf("create: %v", err)
	}
}
