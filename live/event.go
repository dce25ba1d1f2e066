package live

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"heyq/store"
	"heyq/wire"
)

// Event says that a video came to a state.
type Event struct {
	Place  Place // in the stream
	Video  uuid.UUID
	User   string
	State  store.State
	At     time.Time
	Began  time.Time // since when it is waited for
	Number int       // of the state in the video's timeline, from 0

	shown []byte // as JSON, when it came
}

// Place is where an event stands in the stream. It is the id that Redis gives it.
type Place struct{ ms, number uint64 }

// String is how a reader names the place.
func (p Place) String() string {
	return strconv.FormatUint(p.ms, 10) + "-" + strconv.FormatUint(p.number, 10)
}

func (p Place) before(q Place) bool { return p.ms < q.ms || p.ms == q.ms && p.number < q.number }

// ParsePlace reads what String wrote. ok is false for anything else.
func ParsePlace(s string) (p Place, ok bool) {
	ms, number, found := strings.Cut(s, "-")
	if !found {
		return Place{}, false
	}
	var errs [2]error
	p.ms, errs[0] = strconv.ParseUint(ms, 10, 64)
	p.number, errs[1] = strconv.ParseUint(number, 10, 64)
	return p, errs[0] == nil && errs[1] == nil && p.String() == s
}

// entry is an event as Redis keeps it.
type entry struct {
	Video  uuid.UUID   `json:"v"`
	User   string      `json:"u"`
	State  store.State `json:"s"`
	At     int64       `json:"a"` // microseconds
	Began  int64       `json:"b"`
	Number int         `json:"n"`
}

func (e Event) encode() string {
	text, _ := json.Marshal(entry{e.Video, e.User, e.State, e.At.UnixMicro(), e.Began.UnixMicro(), e.Number}) // none of its types can fail
	return string(text)
}

// decode reads what encode wrote; false: it is of another version of heyq.
func decode(at Place, text string) (Event, bool) {
	var e entry
	if json.Unmarshal([]byte(text), &e) != nil || e.Video == uuid.Nil || e.State == "" {
		return Event{}, false
	}
	return Event{
		Place: at, Video: e.Video, User: e.User, State: e.State, Number: e.Number,
		At: time.UnixMicro(e.At).UTC(), Began: time.UnixMicro(e.Began).UTC(),
	}, true
}

// eventsOf are the events of a history, from one of its states on.
func eventsOf(h store.History, from int) (list []Event) {
	var began time.Time
	for i, e := range h.Timeline {
		if e.State == store.Queued {
			began = later(e.At, h.NotBefore)
		}
		if i >= from {
			list = append(list, Event{Video: h.Video, User: h.UserID, State: e.State, At: e.At, Began: began, Number: i})
		}
	}
	return list
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Present is the event of the state that a video is in now.
func Present(v store.Video) Event {
	h := store.History{Video: v.ID, UserID: v.UserID, NotBefore: v.NotBefore, Timeline: v.Timeline}
	if list := eventsOf(h, len(v.Timeline)-1); len(list) > 0 {
		return list[0]
	}
	return Event{Video: v.ID, User: v.UserID, State: v.State, At: v.CreatedAt, Began: v.CreatedAt}
}

// Show is an event as readers get it, with the outlook of now.
func (f *Feed) Show(e Event) wire.VideoEvent {
	return wire.VideoEvent{VideoID: e.Video.String(), State: e.State, At: e.At.UTC(), Outlook: f.Outlook(e)}
}

// JSON is an event as readers get it, with the outlook that it had when it came.
func (f *Feed) JSON(e Event) []byte {
	if e.shown != nil {
		return e.shown
	}
	text, _ := json.Marshal(f.Show(e)) // none of its types can fail
	return text
}
