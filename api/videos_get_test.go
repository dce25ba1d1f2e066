package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

type details struct {
	State       string
	HeyGenID    *string `json:"heygen_id"`
	CompletedAt *string `json:"completed_at"`
	Failure     map[string]any
	File        map[string]any
	Timeline    []event
}

type event struct {
	State string
	At    time.Time
}

func (d details) states() []string {
	var states []string
	for _, e := range d.Timeline {
		states = append(states, e.State)
	}
	return states
}

func TestGetVideo(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, c := range []struct {
		name    string
		journey func(*testing.T) uuid.UUID
		states  []string
		heygen  bool
		failure map[string]any
		file    map[string]any
	}{
		{"queued", h.queued, []string{"queued"}, false, nil, nil},
		{"refused", h.refused, []string{"queued", "submitting", "failed"}, false, map[string]any{
			"code": "voice_not_found", "message": "no such voice", "step": "create",
		}, nil},
		{"completed", h.completed, []string{"queued", "submitting", "rendering", "downloading", "completed"}, true, nil, map[string]any{
			"bytes": float64(len(movie)), "sha256": sum, "duration_seconds": 1.5, "width": 1920.0, "height": 1080.0,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := c.journey(t)
			// Nothing else is to be admitted after this one.
			t.Cleanup(func() { h.call(t, "POST", "/v1/videos/"+id.String()+"/cancel", "") })
			var got details
			h.must(t, http.StatusOK, "GET", "/v1/videos/"+id.String(), "").decode(t, &got)
			equal(t, "timeline", got.states(), c.states)
			equal(t, "state", got.State, c.states[len(c.states)-1])
			equal(t, "heygen_id is there", got.HeyGenID != nil, c.heygen)
			equal(t, "completed_at is there", got.CompletedAt != nil, c.file != nil)
			equal(t, "failure", got.Failure, c.failure)
			equal(t, "file", got.File, c.file)
			if !slices.IsSortedFunc(got.Timeline, func(a, b event) int { return a.At.Compare(b.At) }) {
				t.Errorf("the timeline is out of order: %+v", got.Timeline)
			}
		})
	}
}

func TestGetVideo_tells_the_last_answer_to_a_create_that_is_not_clear(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.create(t)
	unclear := store.Unclear(h.begin(t, store.Create), 0)
	unclear.LastAnswer = "heygen answered 500 internal_error: boom"
	h.end(t, unclear)
	var got map[string]any
	h.must(t, http.StatusOK, "GET", "/v1/videos/"+id.String(), "").decode(t, &got)
	equal[any](t, "last_answer", got["last_answer"], unclear.LastAnswer)
}
