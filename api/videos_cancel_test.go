package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/store"
)

type changed struct {
	ID         string
	State      string
	Submission int
	Message    string
}

func TestCancelVideo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		journey func(*house, *testing.T) uuid.UUID
		status  int
		state   store.State
		message string // part of it
	}{
		{"queued", (*house).queued, http.StatusOK, store.Cancelled, "cancelled, nothing was sent"},
		{"queued again", (*house).queuedAgain, http.StatusOK, store.Cancelled, "what was sent before it may be billed"},
		{"submitting", (*house).submitting, http.StatusAccepted, store.Submitting, "cancelling"},
		{"rendering", (*house).rendering, http.StatusAccepted, store.Cancelled, "cancelled; HeyGen may still bill it"},
		{"downloading", (*house).downloading, http.StatusAccepted, store.Cancelled, "cancelled; HeyGen may still bill it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			id := c.journey(h, t)
			var got changed
			h.must(t, c.status, "POST", "/v1/videos/"+id.String()+"/cancel", "").decode(t, &got)
			equal(t, "id", got.ID, id.String())
			equal(t, "state", got.State, string(c.state))
			if !strings.Contains(got.Message, c.message) {
				t.Errorf("message is %q, want it to hold %q", got.Message, c.message)
			}
		})
	}
}

// queuedAgain waits for its second render.
func (h *house) queuedAgain(t *testing.T) uuid.UUID {
	t.Helper()
	id := h.broken(t)
	h.must(t, http.StatusAccepted, "POST", "/v1/videos/"+id.String()+"/retry", `{"new_render":true}`)
	return id
}
