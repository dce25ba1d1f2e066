package heygen

import (
	"net/http"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value string
		want  time.Duration
		ok    bool
	}{
		{"5", 5 * time.Second, true},
		{" 60 ", time.Minute, true},
		{"0", time.Second, true},
		{"86400", time.Hour, true},
		{"99999999999999999999999", time.Hour, true},
		{noon.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second, true},
		{noon.Add(-time.Hour).Format(http.TimeFormat), time.Second, true},
		{noon.AddDate(80, 0, 0).Format(http.TimeFormat), time.Hour, true},
		{"-5", 0, false},
		{"1.5", 0, false},
		{"soon", 0, false},
		{"", 0, false},
	} {
		got, ok := parseRetryAfter(c.value, noon)
		if got != c.want || ok != c.ok {
			t.Errorf("%q: got %s, %t; want %s, %t", c.value, got, ok, c.want, c.ok)
		}
	}
}

func TestRetryAfter_has_a_default_for_429_alone(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]time.Duration{429: DefaultRetryAfter, 503: 0, 200: 0} {
		if got := retryAfter(&http.Response{StatusCode: status}); got != want {
			t.Errorf("%d: got %s, want %s", status, got, want)
		}
	}
}

func TestRetryAfter_is_by_the_clock_of_the_answer(t *testing.T) {
	t.Parallel()
	header := http.Header{"Date": {noon.Format(http.TimeFormat)}, "Retry-After": {noon.Add(90 * time.Second).Format(http.TimeFormat)}}
	if got := retryAfter(&http.Response{StatusCode: 429, Header: header}); got != 90*time.Second {
		t.Errorf("got %s, want 1m30s", got)
	}
}
