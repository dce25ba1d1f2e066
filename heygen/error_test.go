package heygen_test

import (
	"encoding/json"
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

// TestError_keeps_a_reason_of_any_shape: whatever HeyGen, or a gateway before it,
// says instead of its documented error object is what the error says, bounded and
// printable.
func TestError_keeps_a_reason_of_any_shape(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"error":{"code":"x","message":"plain"}}`:                              "plain",
		`{"error":{"type":"quota","detail":{"left":0}}}`:                        `{"type":"quota","detail":{"left":0}}`,
		`{"error":{"code":"x","detail":"why"}}`:                                 `{"code":"x","detail":"why"}`,
		`{"error":{"message":{"en":"why"}}}`:                                    `{"en":"why"}`,
		`{"error":"just words"}`:                                                "just words",
		`{"error":["one", "two"]}`:                                              `["one","two"]`,
		`{"detail":[{"loc":["title"],"msg":"too long"}]}`:                       `{"detail":[{"loc":["title"],"msg":"too long"}]}`,
		`{"message":"Forbidden"}`:                                               "Forbidden",
		"<html><head><style>a{}</style></head>\n<h1>403</h1>\n<b>No</b></html>": "403 No",
		"upstream \u001b[2J\u0000\u202egone":                                    "upstream  [2J gone",
		`{"error":{"message":"` + strings.Repeat("x", 5000) + `"}}`:             strings.Repeat("x", 1000),
		`{"error":{}}`: "no reason was given",
		``:             "no reason was given",
	} {
		client := clientOf(t, say(403, body))
		_, err := client.Users.Me(t.Context())
		if got, ok := errors.AsType[*heygen.Error](err); !ok || got.Message != want {
			t.Errorf("%.80s\n got %v\nwant %.80s", body, err, want)
		}
	}
}

func TestError_of_the_account(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status      int
		code, param string
		foreign     bool
		want        bool
	}{
		{401, "unauthorized", "", false, true},
		{402, "anything", "", false, true},
		{403, "forbidden", "", false, true},
		{403, "scope_missing", "", false, true},
		{403, "forbidden", "avatar_id", false, false},
		{403, "voice_not_usable", "", false, false},
		{403, "avatar_consent_required", "", false, false},
		{403, "resource_access_denied", "", false, false},
		{400, "insufficient_credit", "", false, true},
		{400, "trial_limit_exceeded", "", false, true},
		{400, "plan_upgrade_required", "", false, true},
		{400, "resource_limit_reached", "", false, true},
		{400, "unlimited_mode_disabled", "", false, true},
		{400, "400112", "", false, true},
		{400, "invalid_parameter", "", false, false},
		{404, "avatar_not_found", "", false, false},
		{429, "quota_exceeded", "", false, true},
		{429, "rate_limit_exceeded", "", false, false},
		{500, "quota_exceeded", "", false, false},
		{401, "unauthorized", "", true, false},
		{403, "forbidden", "", true, false},
	} {
		e := &heygen.Error{Status: c.status, Code: c.code, Param: c.param, Foreign: c.foreign}
		if e.Account() != c.want {
			t.Errorf("%+v: of the account is %t", c, !c.want)
		}
	}
	for code, want := range map[string]bool{
		"MOVIO_PAYMENT_INSUFFICIENT_CREDIT": true, "insufficient_credit": true, "TRIAL_VIDEO_LIMIT_EXCEEDED": true, "TIER_NOT_SUPPORT": true,
		"USER_BLOCKED": true, "rendering_failed": false, "MODERATION_POLICY_VIOLATED": false, "VOICE_NOT_FOUND": false, "": false,
	} {
		if heygen.AccountCode(code) != want {
			t.Errorf("%s: of the account is %t", code, !want)
		}
	}
}

// TestVideo_keeps_a_failure_of_any_shape does the same for a render that failed.
func TestVideo_keeps_a_failure_of_any_shape(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]string{
		`"failure_code":"x","failure_message":"why"`:             "x why",
		`"failure_code":40119,"failure_message":{"detail":"no"}`: `40119 {"detail":"no"}`,
		`"error":{"code":7,"message":"why"}`:                     "7 why",
		`"error":{"type":"moderation"}`:                          ` {"type":"moderation"}`,
		`"failure_code":null,"failure_message":null`:             " ",
	} {
		client := clientOf(t, say(200, `{"data":{"id":"v","status":"failed",`+fields+`}}`))
		v, err := client.Videos.Get(t.Context(), "v")
		if got := v.FailureCode + " " + v.FailureMessage; err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", fields, got, err, want)
		}
		client = clientOf(t, say(200, `{"data":[{"video_id":"v","status":"failed",`+fields+`}]}`))
		list, err := client.Videos.Statuses(t.Context(), []string{"v"})
		if err != nil || len(list) != 1 || strings.HasPrefix(fields, `"error"`) && list[0].Code+" "+list[0].Message != want {
			t.Errorf("statuses, %s: got %v, %v", fields, list, err)
		}
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
	for word, want := range map[string]struct{ dead, final, known bool }{
		"waiting":     {false, false, true},
		"processing":  {false, false, true},
		"Processing ": {false, false, true},
		"not_found":   {false, false, true},
		"completed":   {false, true, true},
		"COMPLETED":   {false, true, true},
		"failed":      {true, true, true},
		"cancelled":   {true, true, true},
		"canceled":    {true, true, true},
		"Expired":     {true, true, true},
		"rejected":    {true, true, true},
		"DELETED":     {true, true, true},
		"polishing":   {},
		"":            {},
	} {
		client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"data": []any{map[string]any{"video_id": "a", "status": word}}})
		})
		list, err := client.Videos.Statuses(t.Context(), []string{"a"})
		if err != nil {
			t.Fatal(err)
		}
		if s := list[0].Status; s.Dead() != want.dead || s.Final() != want.final || s.Known() != want.known {
			t.Errorf("%q: dead %t, final %t, known %t", word, s.Dead(), s.Final(), s.Known())
		}
	}
}
