package simulator

import (
	"container/heap"
	"math"
	"slices"
	"time"
)

// fate is what a fault made of one render, for good.
type fate struct {
	VideoID string `json:"video_id"`
	Fault   string `json:"fault"` // one of fates
}

// fates are the faults on status that seal a render's fate.
var fates = append([]string{"stuck", "failed_legacy", "insufficient_credit"}, endings...)

// endings are words for an end without a video that HeyGen uses beside failed. A
// render with such a fate ends with the word itself, and gives no other reason. No
// client knows the last one.
var endings = []string{"cancelled", "canceled", "expired", "rejected", "deleted", "aborted"}

func sealing(fault string) bool { return slices.Contains(fates, fault) }

// drawFate decides at acceptance what becomes of v; nil: nothing bad.
func (s *Simulator) drawFate(v *render) *fate {
	if s.faults.Load() == nil && v.Wish == "" {
		return nil
	}
	hit := s.draw(target{
		on: onStatus, about: v.about(), title: v.Title, wish: v.Wish,
		fits: func(hit *shot) bool { return sealing(hit.fault) },
	})
	if hit == nil {
		return nil
	}
	return &fate{v.ID, hit.fault}
}

// seal gives a render in flight its fate; one that has ended, or has a fate,
// keeps what it has.
func (s *Simulator) seal(v *render, fault string) answer {
	return s.change(func(_ *state, now time.Time) (*record, answer) {
		if v.ended(now) || v.fate.Load() != nil {
			return nil, answer{}
		}
		return &record{Fate: &fate{v.ID, fault}}, answer{}
	})
}

// applyFate lets a fate come true. A stuck render never lands, so its slot is
// held; the others end when they would have been ready.
func (st *state) applyFate(f *fate) {
	v, ok := st.renders[f.VideoID]
	if !ok {
		return
	}
	v.fate.Store(f)
	if v.slot >= 0 {
		heap.Fix(&st.inFlight, v.slot)
	}
}

// endMS is when the render ends, well or not.
func (v *render) endMS() int64 {
	if v.stuck() {
		return math.MaxInt64
	}
	return v.ReadyMS
}

func (v *render) ended(now time.Time) bool { return now.UnixMilli() >= v.endMS() }

// failure says why a render fails, in the upper-case words of the old API that
// HeyGen still uses; empty: it does not.
func (v *render) failure() (code, message string) {
	f := v.fate.Load()
	switch {
	case f == nil || f.Fault == "stuck":
		return "", ""
	case slices.Contains(endings, f.Fault):
		return f.Fault, ""
	case f.Fault == "insufficient_credit":
		return "MOVIO_PAYMENT_INSUFFICIENT_CREDIT", "Insufficient credit. This operation requires 'api' credits."
	default:
		return "TTS_VOICE_UNAVAILABLE_ERR", "The voice is not available."
	}
}

// stuck reports whether the render never ends.
func (v *render) stuck() bool {
	f := v.fate.Load()
	return f != nil && f.Fault == "stuck"
}
