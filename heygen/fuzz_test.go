package heygen

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// FuzzParseRetryAfter: whatever HeyGen asks for, a wait is neither a hot loop
// nor a standstill.
func FuzzParseRetryAfter(f *testing.F) {
	for _, value := range []string{
		"5", " 60 ", "0", "-5", "1.5", "99999999999999999999999", "soon", "",
		noon.Format(http.TimeFormat), noon.Format(time.RFC850), noon.Format(time.ANSIC),
	} {
		f.Add(value, int64(90))
	}
	f.Fuzz(func(t *testing.T, value string, seconds int64) {
		wait, ok := parseRetryAfter(value, noon)
		if ok && (wait < minRetryAfter || wait > maxRetryAfter) || !ok && wait != 0 {
			t.Fatalf("%q: %s, %v", value, wait, ok)
		}
		seconds %= 100 * 365 * 24 * 3600 // dates with a year of four digits
		at := noon.Add(time.Duration(seconds) * time.Second)
		wait, ok = parseRetryAfter(at.Format(http.TimeFormat), noon)
		if want := min(max(at.Sub(noon), minRetryAfter), maxRetryAfter); !ok || wait != want {
			t.Fatalf("%s from now: %s, %v, want %s", at.Sub(noon), wait, ok, want)
		}
	})
}

// What is cheap to send must not be dear to read: in 8 MiB there is room for two
// million empty objects, of which each becomes a video.
func TestAnswers_of_many_values_are_not_read(t *testing.T) {
	t.Parallel()
	many := func(n int) string { return `{"data":[{}` + strings.Repeat(",{}", n-1) + `]}` }
	deep := func(n int) string {
		return `{"data":[{"id":"a","x":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}]}`
	}
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"a full page":    {many(1000), nil},
		"two million":    {many(2_000_000), ErrUnreadable},
		"not deep":       {deep(20), nil},
		"deep":           {deep(9000), ErrUnreadable},
		"words of signs": {`{"data":[{"id":"` + strings.Repeat(`[{,\"`, 200_000) + `"}]}`, nil},
	} {
		client := fuzzClient(t, http.StatusOK, "", []byte(c.body))
		if _, err := client.Videos.List(t.Context(), ListOptions{}); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

const fuzzKey = "sk-6f1d2c-never-shown"

// fuzzClient answers every call with the same status and body.
func fuzzClient(t *testing.T, status int, retryAfter string, body []byte) *Client {
	t.Helper()
	transport := roundTrip(func(*http.Request) *http.Response {
		return &http.Response{
			StatusCode: status, Body: io.NopCloser(strings.NewReader(string(body))),
			Header: http.Header{"Retry-After": {retryAfter}, "X-Request-Id": {string(body)}},
		}
	})
	c := &Client{http: &http.Client{Transport: transport, CheckRedirect: noRedirect}, base: "http://heygen", key: fuzzKey}
	c.Videos = &VideosService{c}
	return c
}

type roundTrip func(*http.Request) *http.Response

func (fn roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return fn(r), nil }

// wantPresentable: words that go into a row and a log.
func wantPresentable(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		switch {
		case !utf8.ValidString(text), strings.ContainsFunc(text, unicode.IsControl):
			t.Fatalf("not printable: %q", text)
		case strings.Contains(text, fuzzKey):
			t.Fatalf("shows the key: %q", text)
		case len(text) > 1000:
			t.Fatalf("%d bytes long", len(text))
		}
	}
}

// FuzzAnswers reads any answer as that of each call that the pipeline makes. It
// is a value that can be kept, an Error that says something, or unreadable.
func FuzzAnswers(f *testing.F) {
	f.Add(uint16(200), "", []byte(`{"data":{"video_id":"v1","id":"v1","status":"waiting"}}`))
	f.Add(uint16(200), "", []byte(`{"data":[{"video_id":"v1","status":"failed","error":{"code":"X","message":"no"}},{"video_id":"","status":"?"}]}`))
	f.Add(uint16(200), "", []byte(`{"data":[{"id":"v1","status":"completed","failure_code":"\u0000"}],"has_more":true,"next_token":"t"}`))
	f.Add(uint16(200), "", []byte(`{"data":null,"error":{"code":401028,"message":"sk-6f1d2c-never-shown\n","param":null}}`))
	f.Add(uint16(200), "", []byte(`{"data":{"id":"v\u0000"}}`))
	f.Add(uint16(429), "60", []byte(`{"error":{"code":"quota_exceeded","message":"Come\u0000back"}}`))
	f.Add(uint16(400), "x", []byte(`{"code":40012,"message":"bad"}`))
	f.Add(uint16(502), "", []byte(`<html>Bad gateway</html>`))
	f.Add(uint16(503), "0", []byte(`{"error":"down"}`))
	f.Add(uint16(307), "", []byte(`"`))
	f.Fuzz(func(t *testing.T, status uint16, retryAfter string, body []byte) {
		status = 200 + status%400
		c, ctx := fuzzClient(t, int(status), retryAfter, body), context.Background()

		created, err := c.Videos.Create(ctx, Create{IdempotencyKey: "k"})
		if wantAnswer(t, int(status), err) {
			if created.ID == "" {
				t.Fatal("a create without an id")
			}
			wantPresentable(t, created.ID)
		}
		statuses, err := c.Videos.Statuses(ctx, []string{"v1"})
		if wantAnswer(t, int(status), err) {
			for _, s := range statuses {
				if s.ID == "" {
					t.Fatalf("a status of nobody: %+v", s)
				}
				wantPresentable(t, s.Code, s.Message)
			}
		}
		video, err := c.Videos.Get(ctx, "v1")
		if wantAnswer(t, int(status), err) {
			if video.ID == "" || video.Status == "" {
				t.Fatalf("half a video: %+v", video)
			}
			wantPresentable(t, video.FailureCode, video.FailureMessage)
		}
		page, err := c.Videos.List(ctx, ListOptions{})
		if wantAnswer(t, int(status), err) {
			for _, v := range page.Items {
				wantPresentable(t, v.FailureCode, v.FailureMessage)
			}
		}
	})
}

// wantAnswer checks the error of a call, and reports whether there was none.
func wantAnswer(t *testing.T, status int, err error) bool {
	t.Helper()
	good := status < 300
	said, ok := errors.AsType[*Error](err)
	switch {
	case err == nil && good:
		return true
	case ok:
		if said.Status != status || said.Code == "" || said.Message == "" {
			t.Fatalf("%+v", said)
		}
		if said.RetryAfter < 0 || said.RetryAfter > maxRetryAfter || status == http.StatusTooManyRequests && said.RetryAfter == 0 {
			t.Fatalf("%d asks to wait %s", status, said.RetryAfter)
		}
		wantPresentable(t, said.Code, said.Message, said.Param, said.RequestID)
	case good && errors.Is(err, ErrUnreadable):
		if strings.Contains(err.Error(), fuzzKey) {
			t.Fatalf("shows the key: %v", err)
		}
	default:
		t.Fatalf("status %d: %v", status, err)
	}
	return false
}
