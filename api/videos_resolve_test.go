package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"heyq/internal/fault"
	"heyq/wire"
)

// fakeRenders is HeyGen with two renders.
type fakeRenders struct{}

func (fakeRenders) Render(_ context.Context, heygenID string) (wire.HeyGenRender, error) {
	switch heygenID {
	case "hg-found":
		return wire.HeyGenRender{Title: "Renamed by hand"}, nil
	case "hg-other":
		return wire.HeyGenRender{Title: "Hello [heyq 0190b5c2-0000-7000-8000-000000000000.1]"}, nil
	case "hg-away":
		return wire.HeyGenRender{}, fault.New(fault.Unavailable, "HeyGen is away")
	default:
		return wire.HeyGenRender{}, fault.New(fault.NotFound, "no such render")
	}
}

func TestResolveVideo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body, state, message string
	}{
		{`{"verdict": "adopt", "heygen_id": "hg-found"}`, "rendering", "nothing more is paid"},
		{`{"verdict": "resubmit"}`, "queued", "may have been billed as well"},
		{`{"verdict": "give_up"}`, "failed", "given up"},
	} {
		t.Run(c.body, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			target := "/v1/videos/" + h.unclear(t).String() + "/resolve"
			var got changed
			h.must(t, http.StatusAccepted, "POST", target, c.body).decode(t, &got)
			equal(t, "state", got.State, c.state)
			if !strings.Contains(got.Message, c.message) {
				t.Errorf("message is %q, want it to hold %q", got.Message, c.message)
			}
			h.must(t, http.StatusConflict, "POST", target, c.body) // it is resolved
		})
	}
}

// A film that is not as promised can be looked at, and is accepted or rejected.
func TestResolveVideo_of_a_film(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body, state, code, message string
		file                       int // what /file answers afterwards
	}{
		{`{"verdict": "accept"}`, "completed", "", "completed", http.StatusOK},
		{`{"verdict": "reject"}`, "failed", "rejected", "pays again", http.StatusNotFound},
	} {
		t.Run(c.body, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			video := "/v1/videos/" + h.doubted(t).String()
			var before struct {
				State       string
				Failure     *struct{ Code, Step string }
				CompletedAt *string `json:"completed_at"`
			}
			h.must(t, http.StatusOK, "GET", video, "").decode(t, &before)
			if before.State != "failed" || before.Failure == nil || before.Failure.Code != "needs_review" || before.Failure.Step != "download" || before.CompletedAt != nil {
				t.Errorf("under review it is %+v with %+v", before, before.Failure)
			}
			equal(t, "the film", h.must(t, http.StatusOK, "GET", video+"/file", "").body, movie)
			h.must(t, http.StatusConflict, "POST", video+"/resolve", `{"verdict": "give_up"}`)
			var got struct {
				changed
				Failure struct{ Code string }
			}
			h.must(t, http.StatusAccepted, "POST", video+"/resolve", c.body).decode(t, &got)
			equal(t, "state", got.State, c.state)
			equal(t, "failure", got.Failure.Code, c.code)
			if !strings.Contains(got.Message, c.message) {
				t.Errorf("message is %q, want it to hold %q", got.Message, c.message)
			}
			h.must(t, c.file, "GET", video+"/file", "")
			h.must(t, http.StatusConflict, "POST", video+"/resolve", c.body)
		})
	}
}

// A decision that cannot be meant changes nothing, and the answer names what is
// wrong with it.
func TestResolveVideo_refused(t *testing.T) {
	t.Parallel()
	h := open(t)
	target := "/v1/videos/" + h.unclear(t).String() + "/resolve"
	for _, c := range []struct {
		body     string
		status   int
		location string
	}{
		{`{"verdict": "adopt"}`, http.StatusUnprocessableEntity, "body.heygen_id"},
		{`{"verdict": "adopt", "heygen_id": "../x"}`, http.StatusUnprocessableEntity, "body.heygen_id"},
		{`{"verdict": "adopt", "heygen_id": "hg-nobodys"}`, http.StatusUnprocessableEntity, "body.heygen_id"},
		{`{"verdict": "adopt", "heygen_id": "hg-other"}`, http.StatusConflict, "body.heygen_id"},
		{`{"verdict": "adopt", "heygen_id": "hg-away"}`, http.StatusServiceUnavailable, ""},
		{`{"verdict": "resubmit", "heygen_id": "hg-found"}`, http.StatusUnprocessableEntity, "body.heygen_id"},
		{`{"verdict": "shrug"}`, http.StatusUnprocessableEntity, "body.verdict"},
		{`{}`, http.StatusUnprocessableEntity, "body"},
	} {
		got := h.must(t, c.status, "POST", target, c.body).problem(t)
		if c.location != "" {
			equal(t, c.body+": locations", got.locations(), []string{c.location})
		}
	}
	h.must(t, http.StatusAccepted, "POST", target, `{"verdict": "give_up"}`)

	queued := "/v1/videos/" + h.queued(t).String() + "/resolve"
	h.must(t, http.StatusConflict, "POST", queued, `{"verdict": "give_up"}`)
}
