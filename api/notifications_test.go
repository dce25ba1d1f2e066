package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/api"
	"heyq/jobs"
	"heyq/store"
)

type notification struct {
	ID, VideoID uuid.UUID `json:"-"`
	Event, URL  string
	State       string
	NextTryAt   *time.Time `json:"next_try_at"`
	ExpiresAt   time.Time  `json:"expires_at"`
	Tries       []struct {
		Status          int
		DurationSeconds float64 `json:"duration_seconds"`
		Error, Answer   string
	}
}

// told creates a video that tells a receiver, and cancels it.
func (h *house) told(t *testing.T) string {
	t.Helper()
	body := strings.Replace(hello, "{", `{"notify_url":"https://example.com/hook",`, 1)
	var video struct {
		ID        string
		NotifyURL string `json:"notify_url"`
	}
	h.must(t, http.StatusAccepted, "POST", "/v1/videos", body).decode(t, &video)
	equal(t, "notify_url", video.NotifyURL, "https://example.com/hook")
	h.must(t, http.StatusOK, "POST", "/v1/videos/"+video.ID+"/cancel", "")
	return video.ID
}

// refuse ends every notification that is due as a receiver would that wants none.
func (h *house) refuse(t *testing.T) {
	t.Helper()
	claims, err := h.store.ClaimNotifications(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	list, err := h.store.BeginNotifications(t.Context(), claims)
	if err != nil {
		t.Fatal(err)
	}
	var ends []store.DeliveryEnd
	for _, d := range list {
		try := store.Try{Status: 410, Duration: 250 * time.Millisecond, Error: "it answered 410 Gone", Answer: "moved away"}
		ends = append(ends, store.Undeliverable(d, try))
	}
	if _, err := h.store.EndNotifications(t.Context(), ends); err != nil {
		t.Fatal(err)
	}
}

// notifications lists those of a video.
func (h *house) notifications(t *testing.T, video string) (list []notification, ids []string) {
	t.Helper()
	var got struct{ Notifications []notification }
	r := h.must(t, http.StatusOK, "GET", "/v1/videos/"+video+"/notifications", "")
	r.decode(t, &got)
	var raw struct{ Notifications []struct{ ID string } }
	r.decode(t, &raw)
	for _, n := range raw.Notifications {
		ids = append(ids, n.ID)
	}
	return got.Notifications, ids
}

func TestNotifications(t *testing.T) {
	t.Parallel()
	h := open(t)
	silent, _ := h.notifications(t, h.create(t).String())
	equal(t, "notifications of a video that tells nobody", len(silent), 0)

	video := h.told(t)
	list, _ := h.notifications(t, video)
	if len(list) != 1 || list[0].Event != "video.cancelled" || list[0].State != "pending" || list[0].NextTryAt == nil || len(list[0].Tries) != 0 {
		t.Fatalf("got %+v", list)
	}
	h.refuse(t)
	list, ids := h.notifications(t, video)
	if n := list[0]; n.State != "failed" || n.NextTryAt != nil || len(n.Tries) != 1 || n.URL != "https://example.com/hook" {
		t.Fatalf("got %+v", list)
	}
	if try := list[0].Tries[0]; try.Status != 410 || try.DurationSeconds != 0.25 || try.Answer != "moved away" || try.Error != "it answered 410 Gone" {
		t.Errorf("the log says %+v", try)
	}

	var again notification
	h.must(t, http.StatusAccepted, "POST", "/v1/notifications/"+ids[0]+"/redeliver", "").decode(t, &again)
	if left := time.Until(again.ExpiresAt); again.State != "pending" || len(again.Tries) != 1 || left < 23*time.Hour {
		t.Errorf("redelivered it is %+v", again)
	}
}

func TestNotifications_redelivered_many(t *testing.T) {
	t.Parallel()
	h := open(t)
	one, _ := h.told(t), h.told(t)
	h.refuse(t)
	now := time.Now()
	for _, c := range []struct {
		body string
		want int
	}{
		{`{"failed":true,"since":"` + now.Add(-time.Hour).Format(time.RFC3339) + `","video_id":"` + one + `"}`, 1},
		{`{"failed":true,"since":"` + now.Add(-time.Hour).Format(time.RFC3339) + `"}`, 1},
		{`{"failed":true}`, 0},
		{`{"video_id":"` + one + `"}`, 1},
	} {
		var got struct{ Redelivered int }
		h.must(t, http.StatusAccepted, "POST", "/v1/notifications/redeliver", c.body).decode(t, &got)
		equal(t, c.body, got.Redelivered, c.want)
	}
}

func TestNotifications_refused(t *testing.T) {
	t.Parallel()
	h := open(t)
	none := uuid.NewString()
	for _, c := range []struct {
		method, target, body string
		status               int
		detail               string
	}{
		{"GET", "/v1/videos/" + none + "/notifications", "", 404, none},
		{"GET", "/v1/videos/x/notifications", "", 404, `"x"`},
		{"POST", "/v1/notifications/" + none + "/redeliver", "", 404, "no notification " + none},
		{"POST", "/v1/notifications/" + uuid.Nil.String() + "/redeliver", "", 404, "no notification"},
		{"POST", "/v1/notifications/x/redeliver", "", 404, `no notification "x"`},
		{"POST", "/v1/notifications/redeliver", `{`, 400, "no JSON"},
		{"POST", "/v1/notifications/redeliver", `{}`, 422, "not valid"},
		{"POST", "/v1/notifications/redeliver", `{"since":"2020-01-01T00:00:00Z"}`, 422, "not valid"},
		{"POST", "/v1/notifications/redeliver", `{"failed":true,"since":"2999-01-01T00:00:00Z"}`, 422, "not valid"},
		{"POST", "/v1/notifications/redeliver", `{"failed":true,"until":"now"}`, 422, "not valid"},
		{"POST", "/v1/notifications/redeliver", `{"video_id":"` + none + `"}`, 404, none},
		{"POST", "/v1/videos", strings.Replace(hello, "{", `{"notify_url":"http://example.com",`, 1), 422, "not valid"},
	} {
		got := h.must(t, c.status, c.method, c.target, c.body)
		if p := got.problem(t); !strings.Contains(p.Detail, c.detail) {
			t.Errorf("%s %s %s: detail is %q, want it to hold %q", c.method, c.target, c.body, p.Detail, c.detail)
		}
	}
}

// The one place where notify_url is taken is jobs, whichever call it comes by.
func TestNotifyURL_by_the_rules_of_the_client(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) {
		s, _ := o.Store.(store.Store)
		o.Client = jobs.NewClient(s, jobs.WithNotifyRules(jobs.NotifyRules{URL: "https://example.com/ours", Unsigned: true}))
	})
	r := h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/videos/batch", `{"videos":[`+hello+`]}`)
	if !strings.Contains(r.body, "HEYQ_NOTIFY_SECRET") {
		t.Errorf("the remedy is not told: %s", r.body)
	}
}
