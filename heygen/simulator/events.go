package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"sync"
	"time"
)

// event is what HeyGen posts about a video, and lists in its history.
type event struct {
	ID        string    `json:"event_id"`
	Type      string    `json:"event_type"`
	Data      eventData `json:"event_data"`
	CreatedAt string    `json:"created_at"` // RFC 3339
}

type eventData struct {
	VideoID      string `json:"video_id"`
	URL          string `json:"url,omitempty"`
	PageURL      string `json:"video_page_url,omitempty"`
	SharePageURL string `json:"video_share_page_url,omitempty"`
	FolderID     string `json:"folder_id,omitempty"`
	CallbackID   string `json:"callback_id,omitempty"`
	Message      string `json:"msg,omitempty"`     // why it failed
	Padding      string `json:"padding,omitempty"` // of a huge body
}

// The events that the simulator sends.
const (
	videoSucceeded = "avatar_video.success"
	videoFailed    = "avatar_video.fail"
)

// eventOf is the event of v's end. Its id is v's, so that it is the same when
// it is told again, even after a restart.
func (s *Simulator) eventOf(v *render, now time.Time) event {
	code, message := v.failure()
	e := event{Type: videoSucceeded, CreatedAt: time.UnixMilli(v.ReadyMS).UTC().Format(time.RFC3339)}
	e.Data = eventData{VideoID: v.ID, FolderID: v.Folder, CallbackID: v.CallbackID}
	if code != "" {
		e.Type, e.Data.Message = videoFailed, message
	} else {
		e.Data.URL = v.Base + s.links.link("/files/"+v.ID+"/"+videoFile, now.Add(s.opts.LinkLifetime))
		e.Data.PageURL = "https://app.heygen.com/videos/" + v.ID
		e.Data.SharePageURL = "https://app.heygen.com/share/" + v.ID
	}
	sum := sha256.Sum256([]byte(v.ID + e.Type))
	e.ID = "evt_" + hex.EncodeToString(sum[:12])
	return e
}

// mostEvents bounds the history.
const mostEvents = 1000

// history is the latest events, oldest first.
type history struct {
	mu     sync.Mutex
	events []event
}

func (h *history) add(e event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.events) == mostEvents {
		h.events = slices.Delete(h.events, 0, mostEvents/10)
	}
	h.events = append(h.events, e)
}

// newest returns the events of one type, or of all, newest first.
func (h *history) newest(kind string) []event {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []event
	for _, e := range slices.Backward(h.events) {
		if kind == "" || e.Type == kind {
			all = append(all, e)
		}
	}
	return all
}

// listEvents answers the history of deliveries: the latest, while the process lives.
func (s *Simulator) listEvents(r *http.Request) answer {
	query := r.URL.Query()
	kind := query.Get("event_type")
	if kind != "" && !slices.Contains(eventTypes, kind) {
		return invalid("event_type", "Unknown event type.").answer()
	}
	return paged(query, s.events.newest(kind), 10, 100)
}
