package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/api"
	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/store"
)

// Every status of the API, each by a request that brings it about.
func TestStatuses(t *testing.T) {
	t.Parallel()
	h := open(t)
	queued, refused, broken := h.queued(t), "", ""
	h.must(t, http.StatusOK, "POST", "/v1/videos/"+queued.String()+"/cancel", "")
	refused, broken = h.refused(t).String(), h.broken(t).String()
	done := h.completed(t).String()
	waiting := h.queued(t).String()
	h.must(t, http.StatusAccepted, "POST", "/v1/videos", hello, "Idempotency-Key", "used")
	none := uuid.NewString()
	rows := h.videos(t)

	for _, c := range []struct {
		name   string
		status int
		method string
		target string
		body   string
		header []string
		detail string // part of it
	}{
		{"malformed JSON", 400, "POST", "/v1/videos", `{"script": `, nil, "no JSON"},
		{"no JSON at all", 400, "POST", "/v1/videos", `script=hello`, nil, "no JSON"},
		{"two objects", 400, "POST", "/v1/videos", hello + hello, nil, "no JSON"},
		{"empty body", 400, "POST", "/v1/videos", ``, nil, "empty"},
		{"malformed batch", 400, "POST", "/v1/videos/batch", `{"videos": [}`, nil, "no JSON"},
		{"malformed retry", 400, "POST", "/v1/videos/" + refused + "/retry", `{`, nil, "no JSON"},

		// One rule at every entrance: what cannot be read for certain is not guessed at.
		{"Latin-1", 400, "POST", "/v1/videos", "{\"script\":\"Hello J\xf6rg\",\"avatar_id\":\"a\"}", nil, "not UTF-8 at byte 18, in script"},
		{"a name in Latin-1", 400, "POST", "/v1/videos", "{\"metadata\":{\"J\xf6rg\":\"x\"}}", nil, "not UTF-8"},
		{"half of a pair", 400, "POST", "/v1/videos", `{"script":"Hello \ud83d","avatar_id":"a"}`, nil, "not UTF-8"},
		{"the other half of a pair", 400, "POST", "/v1/videos", `{"script":"Hello \ude00!","avatar_id":"a"}`, nil, "not UTF-8"},
		{"a name twice", 400, "POST", "/v1/videos", `{"script":"Hello","script":"Goodbye","avatar_id":"a"}`, nil, `the name "script" twice`},
		{"a name twice, once escaped", 400, "POST", "/v1/videos", `{"template_id":"t","variables":{"x":"1","\u0078":"2"}}`, nil, `the name "x" twice`},
		{"Latin-1 in a batch", 400, "POST", "/v1/videos/batch", "{\"videos\":[" + hello + ",{\"title\":\"J\xf6rg\"}]}", nil, "in videos[1].title"},
		{"half of a pair in a batch", 400, "POST", "/v1/videos/batch?partial=true", `{"videos":[{"title":"\ud83d"}]}`, nil, "not UTF-8"},
		{"a name twice in a batch", 400, "POST", "/v1/videos/batch", `{"videos":[{"title":"a","title":"b"}]}`, nil, `the name "title" twice`},
		{"two lists of videos", 400, "POST", "/v1/videos/batch", `{"videos":[` + hello + `],"videos":[]}`, nil, `the name "videos" twice`},
		{"a name twice in a retry", 400, "POST", "/v1/videos/" + refused + "/retry", `{"new_render":false,"new_render":true}`, nil, "twice"},
		{"a query in Latin-1", 400, "GET", "/v1/jobs?error=J%F6rg", "", nil, "the address is not UTF-8"},
		{"a path in Latin-1", 400, "GET", "/v1/jobs/J%F6rg", "", nil, "the address is not UTF-8"},
		{"NUL in a path", 400, "GET", "/v1/jobs/a%00b", "", nil, "NUL"},
		{"a query that net/http leaves out", 400, "GET", "/v1/videos?state=%zz", "", nil, "cannot be read"},
		{"a parameter twice", 400, "POST", "/v1/videos?dry_run=false&dry_run=true", hello, nil, "not valid"},
		{"NUL in a filter", 422, "GET", "/v1/jobs?error=a%00b", "", nil, "not valid"},
		{"NUL in another filter", 422, "GET", "/v1/jobs?kind=a%00b", "", nil, "not valid"},
		{"a control character in a filter", 422, "GET", "/v1/videos?state=%1b", "", nil, "not valid"},
		{"a title that clears the screen", 422, "POST", "/v1/videos", `{"title":"\u001b[2J","template_id":"t"}`, nil, "not valid"},
		{"a script without width", 422, "POST", "/v1/videos", `{"script":"\u200b\u200d","avatar_id":"a"}`, nil, "not valid"},
		{"more names than are taken", 413, "POST", "/v1/videos", `{"metadata":{` + names(501) + `}}`, nil, "more than 500 names in metadata"},
		{"ten thousand and one values", 413, "POST", "/v1/videos", `{"heygen":{"a":[` + strings.Repeat("0,", 10000) + `0]}}`, nil, "more than 10000 values"},
		{"more names than are taken in a batch", 413, "POST", "/v1/videos/batch", `{"videos":[{` + names(501) + `}]}`, nil, "more than 500 names in videos[0]"},
		{"a video of a batch that is larger than 1 MB", 413, "POST", "/v1/videos/batch", `{"videos":[{"script":"` + strings.Repeat("x", 1<<20) + `"}]}`, nil, "videos[0] is larger than"},

		{"a list for an object", 422, "POST", "/v1/videos", `[]`, nil, "not valid"},
		{"null for an object", 422, "POST", "/v1/videos", `null`, nil, "not valid"},
		{"unknown field", 422, "POST", "/v1/videos", `{"scirpt":"Hello","avatar_id":"avatar_1"}`, nil, "not valid"},
		{"field in another case", 422, "POST", "/v1/videos", `{"Script":"Hello","avatar_id":"avatar_1"}`, nil, "not valid"},
		{"user_id is not the caller's", 422, "POST", "/v1/videos", `{"script":"Hello","avatar_id":"avatar_1","user_id":"eve"}`, nil, "not valid"},
		{"wrong type", 422, "POST", "/v1/videos", `{"script":5,"avatar_id":"avatar_1"}`, nil, "not valid"},
		{"wrong value", 422, "POST", "/v1/videos", `{"script":"Hello"}`, nil, "not valid"},
		{"a number beyond all bounds", 422, "POST", "/v1/videos", `{"priority":1e999}`, nil, "not valid"},
		{"a number beyond the field", 422, "POST", "/v1/videos", `{"script":"Hello","avatar_id":"a","priority":1e300}`, nil, "not valid"},
		{"both script and template", 422, "POST", "/v1/videos", `{"script":"Hello","avatar_id":"a","template_id":"t"}`, nil, "not valid"},
		{"empty script", 422, "POST", "/v1/videos", `{"script":"","avatar_id":"a"}`, nil, "not valid"},
		{"script of 5,001 characters", 422, "POST", "/v1/videos", `{"script":"` + strings.Repeat("é", 5001) + `","avatar_id":"a"}`, nil, "not valid"},
		{"bad date", 422, "POST", "/v1/videos", `{"script":"Hello","avatar_id":"a","not_before":"tomorrow"}`, nil, "not valid"},
		{"unknown type", 422, "POST", "/v1/videos", `{"heygen":{"type":"hologram"}}`, nil, "not valid"},
		{"empty batch", 422, "POST", "/v1/videos/batch", `{"videos":[]}`, nil, "empty"},
		{"batch without videos", 422, "POST", "/v1/videos/batch", `{}`, nil, "empty"},
		{"batch of no list", 422, "POST", "/v1/videos/batch", `{"videos":{}}`, nil, "not valid"},
		{"batch with an unknown field", 422, "POST", "/v1/videos/batch", `{"videos":[` + hello + `],"partial":true}`, nil, "not valid"},
		{"batch with a wrong item", 422, "POST", "/v1/videos/batch", `{"videos":[` + hello + `,{}]}`, nil, "nothing was created"},
		{"retry with an unknown field", 422, "POST", "/v1/videos/" + refused + "/retry", `{"new_rendre":true}`, nil, "not valid"},
		{"dry run of a wrong body", 422, "POST", "/v1/videos?dry_run=true", `{}`, nil, "not valid"},
		{"flag without a value", 422, "POST", "/v1/videos?dry_run", hello, nil, "not valid"},
		{"flag of no sense", 422, "POST", "/v1/videos?dry_run=perhaps", hello, nil, "not valid"},
		{"unknown parameter", 422, "POST", "/v1/videos?dryrun=true", hello, nil, "not valid"},
		{"unprintable key", 422, "POST", "/v1/videos", hello, []string{"Idempotency-Key", "\xff"}, "not valid"},
		{"unknown state", 422, "GET", "/v1/videos?state=lost", "", nil, "not valid"},
		{"page 0", 422, "GET", "/v1/videos?page=0", "", nil, "not valid"},
		{"page of no number", 422, "GET", "/v1/videos?page=one", "", nil, "not valid"},
		{"too many a page", 422, "GET", "/v1/videos?per_page=1001", "", nil, "not valid"},

		{"body over 1 MB", 413, "POST", "/v1/videos", strings.Repeat(" ", 1<<20) + hello, nil, "larger than"},
		{"batch over 10 MB", 413, "POST", "/v1/videos/batch", strings.Repeat(" ", 10<<20) + `{}`, nil, "larger than"},
		{"batch of 1,001", 413, "POST", "/v1/videos/batch", `{"videos":[` + strings.Repeat(hello+",", 1000) + hello + `]}`, nil, "more than 1000 videos"},
		{"retry over 1 MB", 413, "POST", "/v1/videos/" + refused + "/retry", strings.Repeat(" ", 1<<20+1), nil, "larger than"},

		{"no such id", 404, "GET", "/v1/videos/" + none, "", nil, none},
		{"no UUID", 404, "GET", "/v1/videos/batch", "", nil, "batch"},
		{"a UUID in other clothes", 404, "GET", "/v1/videos/%7B" + done + "%7D", "", nil, done},
		{"two dots, encoded", 404, "GET", "/v1/videos/..%2f..%2fetc%2fpasswd/file", "", nil, "passwd"},
		{"two dots", 404, "GET", "/v1/videos/../../etc/passwd", "", nil, "passwd"},
		{"cancel of no such id", 404, "POST", "/v1/videos/" + none + "/cancel", "", nil, none},
		{"cancel of no UUID", 404, "POST", "/v1/videos/x/cancel", "", nil, `"x"`},
		{"retry of no such id", 404, "POST", "/v1/videos/" + none + "/retry", "", nil, none},
		{"retry of no UUID", 404, "POST", "/v1/videos/x/retry", "", nil, `"x"`},
		{"file of no such id", 404, "GET", "/v1/videos/" + none + "/file", "", nil, none},
		{"no file yet", 404, "GET", "/v1/videos/" + waiting + "/file", "", nil, "it is queued"},
		{"no file any more", 404, "GET", "/v1/videos/" + refused + "/file", "", nil, "it is failed"},
		{"no thumbnail yet", 404, "GET", "/v1/videos/" + waiting + "/thumbnail", "", nil, "it is queued"},
		{"no such page", 404, "GET", "/v2/videos", "", nil, "/v2/videos"},

		{"method", 405, "DELETE", "/v1/videos", "", nil, "use GET, HEAD, POST"},

		{"key reused", 409, "POST", "/v1/videos", strings.Replace(hello, "Ada", "Bob", 1), []string{"Idempotency-Key", "used"}, "used for another request"},
		{"key reused for another call", 409, "POST", "/v1/videos/batch", `{"videos":[` + hello + `]}`, []string{"Idempotency-Key", "used"}, "used for another request"},
		{"cancel of a completed video", 409, "POST", "/v1/videos/" + done + "/cancel", "", nil, "is completed"},
		{"cancel of a cancelled video", 409, "POST", "/v1/videos/" + queued.String() + "/cancel", "", nil, "is cancelled"},
		{"retry of a completed video", 409, "POST", "/v1/videos/" + done + "/retry", "", nil, "is completed"},
		{"retry of a queued video", 409, "POST", "/v1/videos/" + waiting + "/retry", "", nil, "is queued"},
		{"retry without new_render", 409, "POST", "/v1/videos/" + broken + "/retry", "", nil, "new_render"},
		{"retry with new_render false", 409, "POST", "/v1/videos/" + broken + "/retry", `{"new_render":false}`, nil, "new_render"},

		{"a page of another site", 403, "POST", "/v1/videos", hello, []string{"Sec-Fetch-Site", "cross-site"}, "another site"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := h.call(t, c.method, c.target, c.body, c.header...)
			if got.status != c.status {
				t.Fatalf("status is %d, want %d\n%s", got.status, c.status, got.body)
			}
			if p := got.problem(t); !strings.Contains(p.Detail, c.detail) {
				t.Errorf("detail is %q, want it to hold %q", p.Detail, c.detail)
			}
		})
	}
	equal(t, "videos after all that was refused", h.videos(t), rows)
}

// names is the inside of an object with n names.
func names(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"n%d":0`, i)
	}
	return b.String()[1:]
}

// down is a store whose database is away.
type down struct{ store.Store }

var errSecret = errors.New("dial tcp 10.1.2.3:5432: password=hunter2")

func away() error {
	return fault.Wrap(errSecret, fault.Unavailable, "the database did not answer").WithHint("try again in a moment")
}

func (down) CreateVideos(context.Context, store.Creation) (store.Created, error) {
	return store.Created{}, away()
}

func (down) Video(context.Context, store.Viewer, uuid.UUID) (store.Video, error) {
	return store.Video{}, away()
}

func (down) Videos(context.Context, store.Viewer, store.Filter, store.Page) ([]store.Video, int, error) {
	return nil, 0, away()
}

func (down) Cancel(context.Context, store.Viewer, uuid.UUID) (store.Video, store.State, error) {
	return store.Video{}, "", away()
}
func (down) Admission(context.Context) (store.Admission, error) { return store.Admission{}, away() }
func (down) PauseAdmission(context.Context, string) (store.Admission, error) {
	return store.Admission{}, away()
}

func (down) ResumeAdmission(context.Context) (store.Admission, error) {
	return store.Admission{}, away()
}

func TestStatuses_store_down(t *testing.T) {
	t.Parallel()
	h := &house{Handler: newOn(down{})}
	video := "/v1/videos/" + uuid.NewString()
	for _, c := range []struct{ method, target, body string }{
		{"POST", "/v1/videos", hello},
		{"POST", "/v1/videos/batch", `{"videos":[` + hello + `]}`},
		{"POST", "/v1/videos/batch?partial=true", `{"videos":[` + hello + `,{}]}`},
		{"GET", "/v1/videos", ""},
		{"GET", video, ""},
		{"GET", video + "/file", ""},
		{"GET", video + "/thumbnail", ""},
		{"POST", video + "/cancel", ""},
		{"POST", video + "/retry", ""},
		{"GET", "/v1/admission", ""},
		{"POST", "/v1/admission/pause", ""},
		{"POST", "/v1/admission/resume", ""},
	} {
		t.Run(c.method+" "+c.target, func(t *testing.T) {
			got := h.must(t, http.StatusServiceUnavailable, c.method, c.target, c.body)
			got.problem(t)
			equal(t, "Retry-After", got.header.Get("Retry-After"), "5")
			if strings.Contains(got.body, "hunter2") || strings.Contains(got.body, "10.1.2.3") {
				t.Errorf("the answer holds the cause: %s", got.body)
			}
		})
	}
}

// An error that no code foresaw says nothing of itself, and its log line all.
type odd struct{ down }

func (odd) Video(context.Context, store.Viewer, uuid.UUID) (store.Video, error) {
	return store.Video{}, errSecret
}

func TestStatuses_unforeseen(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.Store = odd{} })
	got := h.must(t, http.StatusInternalServerError, "GET", "/v1/videos/"+uuid.NewString(), "", "X-Request-Id", "find-me")
	if p := got.problem(t); !strings.Contains(p.Detail, "find-me") || strings.Contains(got.body, "hunter2") {
		t.Errorf("the answer is %s", got.body)
	}
	if log := h.log.String(); !strings.Contains(log, "hunter2") || !strings.Contains(log, "find-me") || !strings.Contains(log, `"info"`) {
		t.Errorf("the log line is %q", log)
	}
}

// A body without end is not read to its end.
func TestStatuses_endless_body(t *testing.T) {
	t.Parallel()
	h := open(t)
	body := &endless{}
	r := httptest.NewRequest("POST", "/v1/videos", body)
	r.ContentLength = -1
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	equal(t, "status", w.Code, http.StatusRequestEntityTooLarge)
	if body.read > 4<<20 {
		t.Errorf("read %d bytes of a body that may have 1 MB", body.read)
	}
}

// newOn returns an API on nothing but a store.
func newOn(s store.Store) http.Handler {
	return api.New(api.Options{Client: jobs.NewClient(s), Store: s})
}

// endless is a body that never ends.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.read > 64<<20 {
		return 0, errors.New("somebody reads on and on")
	}
	e.read += int64(len(p))
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
