package simulator

import (
	"cmp"
	"math"
	"net/http"
	"time"
)

// unheardOf is a status that no document of HeyGen's names.
const unheardOf = "post_processing"

// getVideoOddly answers a look at v with something wrong in it; false: nothing is.
func (s *Simulator) getVideoOddly(r *http.Request, v *render, now time.Time) (answer, bool) {
	hit := s.drawStatus(r, v, now, func(hit *shot) bool { return !bulkOnly(hit.fault) })
	if hit == nil {
		return answer{}, false
	}
	d := s.detail(r, v, now)
	switch hit.fault {
	case "error_500":
		return internalError().answer(), true
	case "not_found", "own_not_found":
		return noVideo(v.ID).answer(), true
	case "unknown_word":
		d = outline(v, unheardOf)
	case "backwards":
		d = outline(v, earlier(d.Status))
	case "no_link":
		d.VideoURL = ""
	default:
		if a := s.seal(v, hit.fault); a.Status != 0 {
			return a, true
		}
		d = s.detail(r, v, now)
	}
	return success(d), true
}

// bulkOnly are the faults that only the bulk endpoint has.
func bulkOnly(fault string) bool { return fault == "bulk_not_found" || fault == "left_out" }

// oddStatus is the word of the bulk endpoint for v, if a fault changes it;
// empty: it says nothing of v.
func (s *Simulator) oddStatus(r *http.Request, v *render, now time.Time) string {
	hit := s.drawStatus(r, v, now, func(hit *shot) bool {
		return hit.fault != "error_500" && hit.fault != "no_link" && hit.fault != "own_not_found"
	})
	status := v.status(now)
	switch {
	case hit == nil:
	case hit.fault == "not_found", hit.fault == "bulk_not_found":
		return "not_found"
	case hit.fault == "left_out":
		return ""
	case hit.fault == "unknown_word":
		return unheardOf
	case hit.fault == "backwards":
		status = earlier(status)
	default:
		s.seal(v, hit.fault) // what cannot be committed is logged, and v stays as it is
		status = v.status(now)
	}
	return bulkWord(status)
}

// bulkFails decides whether a whole call of the bulk endpoint fails.
func (s *Simulator) bulkFails(r *http.Request) bool {
	return s.draw(target{
		on: onStatus, about: r.URL.RawQuery, wish: r.Header.Get(faultHeader),
		fits: func(hit *shot) bool { return hit.fault == "error_500" },
	}) != nil
}

// drawStatus draws among the faults that can be told from the truth about v.
func (s *Simulator) drawStatus(r *http.Request, v *render, now time.Time, fits func(*shot) bool) *shot {
	return s.draw(target{on: onStatus, about: v.about(), title: v.Title, wish: r.Header.Get(faultHeader), fits: func(hit *shot) bool {
		switch {
		case !fits(hit):
			return false
		case sealing(hit.fault):
			return !v.ended(now) && v.fate.Load() == nil
		case hit.fault == "backwards":
			return v.status(now) != pending
		case hit.fault == "no_link", hit.fault == "own_not_found":
			return v.status(now) == completed
		default:
			return true
		}
	}})
}

// earlier is the word that came before.
func earlier(status string) string {
	if status == processing {
		return pending
	}
	return processing
}

// lagging is how long a list leaves out a new render if no delay is given.
const lagging = 10 * time.Second

// spoilList decides whether a list goes wrong: broken is its answer then. It
// lists no render that was created after youngest, in Unix milliseconds.
func (s *Simulator) spoilList(r *http.Request, now time.Time) (youngest int64, broken *answer) {
	if s.calm(r) {
		return math.MaxInt64, nil
	}
	hit := s.draw(target{on: onList, about: r.URL.RawQuery, title: r.URL.Query().Get("title"), wish: r.Header.Get(faultHeader)})
	if hit == nil {
		return math.MaxInt64, nil
	}
	var a answer
	switch hit.fault {
	case "reset":
		a = resetting()
	case "error_500":
		a = internalError().answer()
	default:
		return now.Add(-cmp.Or(hit.delay, lagging)).UnixMilli(), nil
	}
	return 0, &a
}
