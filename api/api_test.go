package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"heyq/api"
	"heyq/jobs"
	"heyq/media"
	"heyq/store"
)

// house is an API on a real store and a real media folder.
type house struct {
	store store.Store
	media *media.Library
	log   *bytes.Buffer // of one request at a time
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
	h := &house{store: openStore(t), media: library, log: &bytes.Buffer{}}
	o := api.Options{
		Client: jobs.NewClient(h.store), Store: h.store, Files: library,
		Version: "test", Logger: zerolog.New(h.log),
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

// decode reads the body as JSON and fails the test where it is none.
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
	_, total, err := h.store.Videos(t.Context(), store.Filter{}, store.Page{Number: 1, Size: 1})
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// begin runs the next step of the one video that is due for it.
func (h *house) begin(t *testing.T, step store.Step) store.Run {
	t.Helper()
	var claims []store.Claim
	var err error
	if step == store.Create {
		claims, err = h.store.Admit(t.Context(), 10)
	} else {
		claims, err = h.store.Claim(t.Context(), step, 10)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h.beginClaims(t, step, claims)
}

func (h *house) beginClaims(t *testing.T, step store.Step, claims []store.Claim) store.Run {
	t.Helper()
	runs, err := h.store.Begin(t.Context(), step, claims)
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 1 {
		t.Fatalf("%s began %d times, want once", step, len(runs))
	}
	return runs[0]
}

func (h *house) end(t *testing.T, end store.End) store.Ended {
	t.Helper()
	ended, err := h.store.End(t.Context(), []store.End{end})
	if err != nil {
		t.Fatal(err)
	}
	if len(ended) != 1 {
		t.Fatalf("the end met %d rows, want 1", len(ended))
	}
	return ended[0]
}

// The journeys below bring a new video to where its name says.

func (h *house) queued(t *testing.T) uuid.UUID { return h.create(t) }

func (h *house) submitting(t *testing.T) uuid.UUID {
	id := h.create(t)
	h.begin(t, store.Create)
	return id
}

func (h *house) rendering(t *testing.T) uuid.UUID {
	id := h.create(t)
	h.end(t, store.Accepted(h.begin(t, store.Create), "hg_"+id.String(), 0))
	return id
}

func (h *house) downloading(t *testing.T) uuid.UUID {
	id := h.rendering(t)
	h.end(t, store.Rendered(h.begin(t, store.Poll)))
	return id
}

const (
	movie   = "not really a movie, but bytes all the same"
	picture = "a picture"
	sum     = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
)

func (h *house) completed(t *testing.T) uuid.UUID {
	t.Helper()
	id := h.rendering(t)
	next := h.end(t, store.Rendered(h.begin(t, store.Poll))).Next
	run := h.beginClaims(t, store.Download, []store.Claim{*next})
	prefix, err := media.PrefixOf(id.String(), run.Run)
	if err != nil {
		t.Fatal(err)
	}
	err = h.media.Publish(t.Context(), prefix,
		media.File{Name: media.VideoName, Data: []byte(movie)}, media.File{Name: "thumbnail.jpg", Data: []byte(picture)})
	if err != nil {
		t.Fatal(err)
	}
	h.end(t, store.Downloaded(run, prefix, store.File{
		Bytes: int64(len(movie)), SHA256: sum, Duration: 1500 * time.Millisecond, Width: 1920, Height: 1080, Thumbnail: true,
	}))
	return id
}

// refused was turned away by HeyGen before anything could be billed.
func (h *house) refused(t *testing.T) uuid.UUID {
	id := h.create(t)
	failure := store.Failure{Code: "voice_not_found", Message: "no such voice", Step: store.Create}
	h.end(t, store.Refused(h.begin(t, store.Create), failure, 0, nil))
	return id
}

// broken was rendered, and the render failed.
func (h *house) broken(t *testing.T) uuid.UUID {
	id := h.rendering(t)
	h.end(t, store.RenderFailed(h.begin(t, store.Poll), store.Failure{Code: "render_failed", Message: "it broke", Step: store.Poll}))
	return id
}

// unclear needs a person's review.
func (h *house) unclear(t *testing.T) uuid.UUID {
	id := h.create(t)
	h.end(t, store.Ambiguous(h.begin(t, store.Create), "two videos have its token"))
	return id
}

// stranded rendered well, but its file could not be fetched.
func (h *house) stranded(t *testing.T) uuid.UUID {
	id := h.rendering(t)
	next := h.end(t, store.Rendered(h.begin(t, store.Poll))).Next
	run := h.beginClaims(t, store.Download, []store.Claim{*next})
	h.end(t, store.GaveUp(run, store.Failure{Code: "download_failed", Message: "no file", Step: store.Download}, time.Hour))
	return id
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

var _ io.Reader = (*endless)(nil)
