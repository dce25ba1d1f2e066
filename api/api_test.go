package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"heyq/api"
	"heyq/jobs"
	"heyq/media"
	"heyq/operate"
	"heyq/people"
	"heyq/store"
	"heyq/store/sqlite/sqlitetest"
)

// house is an API on a real store and a real media folder.
type house struct {
	store store.Store
	media *media.Library
	log   *bytes.Buffer // of one request at a time
	dir   string
	http.Handler
}

type option func(*api.Options)

func open(t *testing.T, options ...option) *house {
	t.Helper()
	dir := t.TempDir()
	library, err := media.Open(t.Context(), media.Options{URL: dir + "/media", Spool: dir + "/spool"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = library.Close() })
	h := &house{store: sqlitetest.Open(t), media: library, log: &bytes.Buffer{}, dir: dir}
	o := api.Options{
		Client: jobs.NewClient(h.store), Users: people.NewUsers(h.store, nil, nil), Keys: people.NewKeys(h.store, nil), Limits: people.NewLimits(h.store, nil, 0, zerolog.Nop()), Tasks: operate.NewBackground(h.store, zerolog.Nop()), Store: h.store, Files: library, Renders: fakeRenders{},
		Logger: zerolog.New(zerolog.SyncWriter(h.log)),
	}
	for _, change := range options {
		change(&o)
	}
	h.Handler = api.New(o)
	return h
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   string
}

// decode reads the body as JSON and fails the test if it is none.
func (r reply) decode(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), into); err != nil {
		t.Fatalf("the answer is no JSON: %v\n%s", err, r.body)
	}
}

// call sends a request; headers are pairs of name and value.
func (h *house) call(t *testing.T, method, target, body string, headers ...string) reply {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.String()}
}

// must sends a request that has to be answered with status.
func (h *house) must(t *testing.T, status int, method, target, body string, headers ...string) reply {
	t.Helper()
	r := h.call(t, method, target, body, headers...)
	if r.status != status {
		t.Fatalf("%s %s: got %d, want %d\n%s", method, target, r.status, status, r.body)
	}
	return r
}

const hello = `{"title":"Hello","script":"Hello Ada!","avatar_id":"avatar_1","voice_id":"voice_1"}`

// create makes a video and returns its id.
func (h *house) create(t *testing.T) uuid.UUID {
	t.Helper()
	var video struct{ ID uuid.UUID }
	h.must(t, http.StatusAccepted, "POST", "/v1/videos", hello).decode(t, &video)
	return video.ID
}

// videos counts the rows.
func (h *house) videos(t *testing.T) int {
	t.Helper()
	_, total, err := h.store.Videos(t.Context(), store.Everyone(), store.Filter{}, store.Page{Number: 1, Size: 1})
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// problem is an error as the API tells it.
type problem struct {
	Title  string
	Status int
	Detail string
	Errors []wrong
}

type wrong struct {
	Location string
	Value    any
	Message  string
}

// problem reads the answer as application/problem+json.
func (r reply) problem(t *testing.T) problem {
	t.Helper()
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type is %q, want application/problem+json", got)
	}
	var p problem
	r.decode(t, &p)
	if p.Status != r.status || p.Detail == "" || p.Title == "" {
		t.Errorf("the problem is incomplete: %s", r.body)
	}
	return p
}

// locations lists where the errors of a problem are.
func (p problem) locations() []string {
	var list []string
	for _, e := range p.Errors {
		list = append(list, e.Location)
	}
	return list
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
