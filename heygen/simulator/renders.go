package simulator

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
	"sync/atomic"
	"time"
)

// render is one accepted video. What looks read of it changes only in gone and
// fate, so that they need the lock only to find it.
type render struct {
	ID          string `json:"id"`
	Title       string `json:"title,omitempty"`
	Folder      string `json:"folder,omitempty"`
	Key         string `json:"key,omitempty"`    // the Idempotency-Key that it came with
	Script      string `json:"script,omitempty"` // what is said, for the captions
	Burned      bool   `json:"burned,omitempty"` // captions in the picture as well
	Size        size   `json:"size,omitzero"`    // of the picture
	Base        string `json:"base,omitempty"`   // where the create reached the simulator, for the links of its event
	Wish        string `json:"wish,omitempty"`   // its header X-Sim-Fault
	CallbackURL string `json:"callback_url,omitempty"`
	CallbackID  string `json:"callback_id,omitempty"`
	CreatedMS   int64  `json:"created_ms"`
	ReadyMS     int64  `json:"ready_ms"`

	gone atomic.Bool          // deleted; the ledger still counts it
	fate atomic.Pointer[fate] // what a fault made of it; nil: it becomes a video
	told atomic.Bool          // each receiver that wanted to know of its end does
	slot int                  // position among the renders in flight; -1: not in flight

	reminded bool // its end is on the courier's list; under the state's lock
}

// The words of GET /v3/videos/{video_id}. Creation itself answers "waiting".
const (
	pending    = "pending"
	processing = "processing"
	completed  = "completed"
	failed     = "failed"
)

// status derives the state from the clock: a quarter of the render time is
// spent pending, the rest processing.
func (v *render) status(now time.Time) string {
	ms := now.UnixMilli()
	switch {
	case ms >= v.endMS():
		code, _ := v.failure()
		if slices.Contains(endings, code) {
			return code
		}
		if code != "" {
			return failed
		}
		return completed
	case ms >= v.CreatedMS+(v.ReadyMS-v.CreatedMS)/4:
		return processing
	default:
		return pending
	}
}

// about is what faults know v by: its Idempotency-Key, or else its id.
func (v *render) about() string { return cmp.Or(v.Key, v.ID) }

// admit makes v a paid render as of now, or refuses it at the cap. It is the only
// way in, and runs under the lock, so the cap holds at every instant.
func (st *state) admit(v *render, now time.Time, renderTime time.Duration, most int) *problem {
	st.inFlight.land(now.UnixMilli())
	if len(st.inFlight) >= most {
		return st.inFlight.full(now)
	}
	v.ID = newID()
	v.CreatedMS = now.UnixMilli()
	v.ReadyMS = now.Add(renderTime).UnixMilli()
	return nil
}

func (st *state) addRender(v *render) {
	st.order = append(st.order, v)
	st.renders[v.ID] = v
	st.inFlight.land(v.CreatedMS)
	heap.Push(&st.inFlight, v)
	st.maxInFlight = max(st.maxInFlight, len(st.inFlight))
}

func (st *state) dropRender(id string) {
	v, ok := st.renders[id]
	if !ok {
		return
	}
	v.gone.Store(true)
	delete(st.renders, id)
	if v.slot >= 0 {
		heap.Remove(&st.inFlight, v.slot)
	}
}

// render finds a video that exists and was not deleted.
func (st *state) render(id string) (*render, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	v, ok := st.renders[id]
	return v, ok
}

// accepted returns every render in the order of acceptance. The slice is the
// caller's to read: it is never written to again, only appended to.
func (st *state) accepted() []*render {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.order[:len(st.order):len(st.order)]
}

// flights are the renders in flight, a heap with the next to finish on top.
type flights []*render

// land frees the slots of what was ready by ms.
func (f *flights) land(ms int64) {
	for len(*f) > 0 && (*f)[0].endMS() <= ms {
		heap.Pop(f)
	}
}

// full is HeyGen's answer at the cap. It says when the next slot is free, or a
// minute if all are stuck.
func (f flights) full(now time.Time) *problem {
	next := f[0].endMS()
	if next == math.MaxInt64 {
		return throttled(60)
	}
	wait := time.Duration(next-now.UnixMilli()) * time.Millisecond
	return throttled(max(1, int(math.Ceil(wait.Seconds()))))
}

func throttled(retryAfter int) *problem {
	return &problem{
		status: 429, code: "rate_limit_exceeded", retryAfter: retryAfter,
		message: "Too many requests. Retry after the duration specified in the Retry-After header.",
	}
}

func (f flights) Len() int           { return len(f) }
func (f flights) Less(i, j int) bool { return f[i].endMS() < f[j].endMS() }
func (f flights) Swap(i, j int) {
	f[i], f[j] = f[j], f[i]
	f[i].slot, f[j].slot = i, j
}

// Push takes a slot, for container/heap.
func (f *flights) Push(x any) {
	v := x.(*render)
	v.slot = len(*f)
	*f = append(*f, v)
}

// Pop frees the last slot, for container/heap.
func (f *flights) Pop() any {
	old := *f
	v := old[len(old)-1]
	old[len(old)-1] = nil
	*f = old[:len(old)-1]
	v.slot = -1
	return v
}
