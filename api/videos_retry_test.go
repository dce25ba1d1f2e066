package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// new_render is needed exactly if a create was sent and not cleanly refused,
// and no living render can be resumed.
func TestRetryVideo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		journey    func(*house, *testing.T) uuid.UUID
		needs      bool // new_render
		state      string
		submission int
		message    string // part of it
	}{
		{"cancelled before it was sent", (*house).cancelledUnsent, false, "queued", 2, "nothing was billed before"},
		{"refused by HeyGen", (*house).refused, false, "queued", 2, "nothing was billed before"},
		{"needs review", (*house).unclear, true, "queued", 2, "may have been billed as well"},
		{"its render failed", (*house).broken, true, "queued", 2, "may have been billed as well"},
		{"cancelled while rendering", (*house).cancelledRender, false, "rendering", 1, "nothing is paid again"},
		{"its download failed", (*house).stranded, false, "rendering", 1, "nothing is paid again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			target := "/v1/videos/" + c.journey(h, t).String() + "/retry"
			body := ""
			if c.needs {
				refused := h.must(t, http.StatusConflict, "POST", target, "").problem(t)
				equal(t, "locations", refused.locations(), []string{"body.new_render"})
				body = `{"new_render": true}`
			}
			var got changed
			h.must(t, http.StatusAccepted, "POST", target, body).decode(t, &got)
			equal(t, "state", got.State, c.state)
			equal(t, "submission", got.Submission, c.submission)
			if !strings.Contains(got.Message, c.message) {
				t.Errorf("message is %q, want it to hold %q", got.Message, c.message)
			}
			h.must(t, http.StatusConflict, "POST", target, `{"new_render": true}`) // it runs
		})
	}
}

func (h *house) cancelledUnsent(t *testing.T) uuid.UUID { return h.cancelled(t, h.queued(t)) }
func (h *house) cancelledRender(t *testing.T) uuid.UUID { return h.cancelled(t, h.rendering(t)) }

func (h *house) cancelled(t *testing.T, id uuid.UUID) uuid.UUID {
	t.Helper()
	if got := h.call(t, "POST", "/v1/videos/"+id.String()+"/cancel", ""); got.status >= http.StatusBadRequest {
		t.Fatalf("cancel: %d %s", got.status, got.body)
	}
	return id
}
