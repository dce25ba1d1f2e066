package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/rs/zerolog"

	"heyq/api"
	"heyq/internal/testkit"
	"heyq/people"
	"heyq/store"
)

// counting has requests counted in a Redis of the test's own, whose time stands still.
func counting(t *testing.T) option {
	t.Helper()
	server := miniredis.RunT(t)
	server.SetTime(time.Now())
	redis := testkit.OpenRedis(t, "redis://"+server.Addr())
	return func(o *api.Options) {
		o.Limits = people.NewLimits(o.Store.(store.Store), redis, testkit.Patience, zerolog.Nop())
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	caller := people.Owner()
	h := open(t, as(&caller), counting(t))
	limits := func(method, body, want string) {
		t.Helper()
		if got := h.must(t, http.StatusOK, method, "/v1/limits/ada", body).body; strings.TrimSpace(got) != want {
			t.Errorf("%s %s: got %s, want %s", method, body, got, want)
		}
	}
	const usual = `{"user_id":"ada","video_create":{"amount":600,"seconds":60},"read":{"amount":6000,"seconds":60}}`
	const set = `{"user_id":"ada","video_create":{"amount":3,"seconds":3600},"read":{"amount":2,"seconds":3600}}`
	limits("GET", "", usual)
	limits("PUT", `{"video_create":{"amount":3,"seconds":3600},"read":{"amount":2,"seconds":3600}}`, set)
	limits("GET", "", set)
	for body, field := range map[string]string{
		`{"read":{"amount":0,"seconds":60}}`: "body.read.amount",
		`{"read":{"amount":1}}`:              "body.read.seconds",
		`{"write":{}}`:                       "body.write",
	} {
		equal(t, body, h.must(t, http.StatusUnprocessableEntity, "PUT", "/v1/limits/ada", body).problem(t).locations(), []string{field})
	}
	limits("GET", "", set)
	if got := h.must(t, http.StatusOK, "GET", "/v1/videos", "").header.Get("RateLimit"); got != "" {
		t.Errorf("the owner has the limit %s", got)
	}

	caller = people.Caller{User: "ada", Role: store.RoleMember}
	first := h.must(t, http.StatusOK, "GET", "/v1/videos", "")
	equal(t, "policy", first.header.Get("RateLimit-Policy"), `"read";q=2;w=3600`)
	equal(t, "left", first.header.Get("RateLimit"), `"read";r=1;t=1800`)
	caller.Scopes = []people.Scope{people.ReadVideos, people.WriteVideos} // a key of hers is she
	h.must(t, http.StatusOK, "POST", "/v1/videos?dry_run=true", hello)
	over := h.must(t, http.StatusTooManyRequests, "GET", "/v1/videos", "")
	if p := over.problem(t); !strings.Contains(p.Detail, "beyond your limit read, which is 2 in 3600 s; nothing was done; send it again in 1800 s") {
		t.Errorf("it says %s", p.Detail)
	}
	equal(t, "Retry-After", over.header.Get("Retry-After"), "1800")
	equal(t, "left then", over.header.Get("RateLimit"), `"read";r=0;t=3600`)

	// A list counts each of its items, all of them or none.
	two := `{"videos":[` + hello + `,` + hello + `]}`
	equal(t, "after two", h.must(t, http.StatusAccepted, "POST", "/v1/videos/batch", two).header.Get("RateLimit"), `"video_create";r=1;t=2400`)
	again := h.must(t, http.StatusTooManyRequests, "POST", "/v1/videos/batch", two)
	equal(t, "Retry-After of a list", again.header.Get("Retry-After"), "1200")
	h.must(t, http.StatusAccepted, "POST", "/v1/videos", hello)
	h.must(t, http.StatusTooManyRequests, "POST", "/v1/videos", hello)
	h.must(t, http.StatusTooManyRequests, "POST", "/v1/videos", `{}`) // before it is read
	large := h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/videos/batch", `{"videos":[`+strings.Repeat(hello+",", 3)+hello+`]}`).problem(t)
	equal(t, "a list beyond the limit", large.Errors, []wrong{{"body.videos", 4.0, "holds more than you may do at once; give 3 at most"}})
	equal(t, "videos", h.videos(t), 3)

	caller = people.Caller{User: "alan", Role: store.RoleMember}
	h.must(t, http.StatusOK, "GET", "/v1/videos", "")
	h.must(t, http.StatusOK, "GET", "/healthz", "")
}
