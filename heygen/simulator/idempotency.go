package simulator

import (
	"net/http"
	"regexp"
	"time"
)

// keyLifetime is how long HeyGen remembers an Idempotency-Key.
const keyLifetime = 24 * time.Hour

var keyPattern = regexp.MustCompile(`^[A-Za-z0-9_\-:.]{1,255}$`)

// scope is what an Idempotency-Key is good for: one endpoint and resource.
type scope struct {
	Path string `json:"path"`
	Key  string `json:"key"`
}

// kept is an answer that is replayed to each request that brings its key again.
type kept struct {
	Scope  scope  `json:"scope"`
	AtMS   int64  `json:"at_ms"`
	Answer answer `json:"answer"`
}

// A draft is a request that was read and found good. It runs under the state's
// lock and says what to commit (nil: nothing) and what to answer.
type draft func(st *state, now time.Time) (*record, answer)

// once gives a POST HeyGen's idempotency. A key that was answered is answered
// the same again, whatever the body; a key in flight gets 409. Without a key
// every request is a new one.
func (s *Simulator) once(read func(*http.Request) (draft, *problem)) handler {
	return func(r *http.Request) answer {
		key, p := idempotencyKey(r)
		if p != nil {
			return p.answer()
		}
		at := scope{Path: r.URL.Path, Key: key}
		if key != "" {
			if replay, claimed := s.state.claim(at); !claimed {
				return replay
			}
			defer s.state.release(at)
		}

		d, p := read(r)
		if p != nil {
			d = refuse(p)
		}
		return s.commit(at, d)
	}
}

// change commits a draft of a call that has no idempotency.
func (s *Simulator) change(d draft) answer { return s.commit(scope{}, d) }

func (s *Simulator) commit(at scope, d draft) answer {
	a, err := s.state.commit(at, d)
	if err != nil {
		return s.broken(err)
	}
	if a.first != nil {
		a.first()
	}
	return a
}

// slowly makes a call as slow as HeyGen's. The delay is HeyGen's own, so it
// goes on when the client has given up; only Close cuts it short.
func (s *Simulator) slowly(read func(*http.Request) (draft, *problem)) func(*http.Request) (draft, *problem) {
	if s.opts.Latency == 0 {
		return read
	}
	return func(r *http.Request) (draft, *problem) {
		d, p := read(r)
		select {
		case <-time.After(s.opts.Latency):
		case <-s.closed:
		}
		return d, p
	}
}

func refuse(p *problem) draft {
	return func(*state, time.Time) (*record, answer) { return nil, p.answer() }
}

func idempotencyKey(r *http.Request) (string, *problem) {
	values, present := r.Header["Idempotency-Key"]
	if !present {
		return "", nil
	}
	if len(values) != 1 || !keyPattern.MatchString(values[0]) {
		return "", invalid("Idempotency-Key", `Idempotency-Key must be 1 to 255 characters of A-Z, a-z, 0-9, "_", "-", ":" and ".".`)
	}
	return values[0], nil
}

// replayable says whether an answer is kept under its key: success and every
// definite refusal, but nothing that asks the client to try again.
func replayable(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusConflict, http.StatusTooManyRequests:
		return false
	default:
		return status < http.StatusInternalServerError
	}
}

func inProgress() *problem {
	return &problem{
		status: http.StatusConflict, code: "request_in_progress",
		message: "A request with this Idempotency-Key is still in progress. Retry with the same key.",
	}
}

// claim takes a key for one request. If the key was answered before, or is in
// flight, it returns false and the answer to give instead.
func (st *state) claim(at scope) (answer, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if k, ok := st.answers[at]; ok && st.now().UnixMilli()-k.AtMS < keyLifetime.Milliseconds() {
		return k.Answer, false
	}
	if _, busy := st.busy[at]; busy {
		return inProgress().answer(), false
	}
	st.busy[at] = struct{}{}
	return answer{}, true
}

func (st *state) release(at scope) {
	st.mu.Lock()
	delete(st.busy, at)
	st.mu.Unlock()
}
