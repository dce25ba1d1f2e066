package storetest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
)

// heygen is HeyGen as the protocol assumes it, with all its faults: answers are
// lost, requests linger on the wire, the list lags, keys are kept for a day,
// and any create can be refused, whatever its key did before.
type heygen struct {
	mu     sync.Mutex
	random *rand.Rand
	calm   bool // no more faults
	now    func() time.Time

	keys    map[string]kept
	renders map[string]*render // by id
	onWire  []request
	most    int // renders in flight at once, ever
	wrongs  []string
}

// arrives is how long a request may linger, and a render be unlisted, in all.
// It is under store.Timing.Grace, which is what the protocol assumes.
const arrives = 29 * time.Minute

type answer int

const (
	answered answer = iota // with an id
	lost                   // a timeout, a 5xx, a cut connection
	throttled
	refused
	stopped
)

type kept struct {
	at     time.Time
	id     string
	answer answer
}

type request struct {
	video      uuid.UUID
	submission int
	key        string
	at         time.Time // when it arrives
}

type render struct {
	video      uuid.UUID
	submission int
	created    time.Time
	listed     time.Time
	done       time.Time
	fails      bool
	told       bool // heyq has learned of it
}

func newHeyGen(seed uint64, now func() time.Time) *heygen {
	return &heygen{
		random: rand.New(rand.NewPCG(seed, 1)), now: now,
		keys: map[string]kept{}, renders: map[string]*render{},
	}
}

// create is a POST as its sender sees it.
func (h *heygen) create(video uuid.UUID, submission int, key string) (string, answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	h.arrived(now)
	if h.fault(0.05) {
		if h.fault(0.6) {
			h.onWire = append(h.onWire, request{video, submission, key, now.Add(h.within(arrives / 2))})
		}
		return "", lost
	}
	known, ok := h.keys[key]
	ok = ok && now.Sub(known.at) < 24*time.Hour
	if no := h.atTheDoor(); no != answered {
		if !ok {
			h.keys[key] = kept{now, "", no}
		}
		return "", no
	}
	if !ok {
		known = h.accept(request{video, submission, key, now})
	}
	if h.fault(0.15) {
		return "", lost
	}
	if r := h.renders[known.id]; r != nil {
		r.told = true
	}
	return known.id, known.answer
}

// atTheDoor refuses some without a look at their key.
func (h *heygen) atTheDoor() answer {
	switch {
	case h.fault(0.06):
		return throttled
	case h.fault(0.03):
		return refused
	case h.fault(0.01):
		return stopped
	}
	return answered
}

// accept makes a render, which is paid from this moment.
func (h *heygen) accept(r request) kept {
	told, untold := 0, 1
	for _, other := range h.renders {
		if other.video == r.video && other.submission == r.submission {
			h.wrongs = append(h.wrongs, fmt.Sprintf("video %s was billed twice for submission %d", r.video, r.submission))
		}
		switch {
		case !other.done.After(r.at):
		case other.told:
			told++
		default:
			untold++
		}
	}
	// Of what heyq does not know to be there, half of the slots count: see Admit.
	h.most = max(h.most, told+min(untold, modelSlots/2))
	length := 2*time.Minute + h.within(30*time.Minute)
	if h.fault(0.15) {
		length = h.within(4 * time.Hour) // some outlast our patience
	}
	id := fmt.Sprintf("hg-%d", len(h.renders)+1)
	h.renders[id] = &render{r.video, r.submission, r.at, r.at.Add(h.within(arrives / 2)), r.at.Add(length), h.fault(0.05), false}
	h.keys[r.key] = kept{r.at, id, answered}
	return h.keys[r.key]
}

// arrived handles what has been on the wire until now.
func (h *heygen) arrived(now time.Time) {
	waiting := h.onWire[:0]
	for _, r := range h.onWire {
		if r.at.After(now) {
			waiting = append(waiting, r)
		} else if _, known := h.keys[r.key]; !known {
			h.accept(r)
		}
	}
	h.onWire = waiting
}

// find lists the renders with a title token.
func (h *heygen) find(video uuid.UUID, submission int) (ids []string, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	h.arrived(now)
	if h.fault(0.1) {
		return nil, false
	}
	for id, r := range h.renders {
		if r.video == video && r.submission == submission && !r.listed.After(now) {
			ids, r.told = append(ids, id), true
		}
	}
	return ids, true
}

// status says whether a render is done, and whether it failed.
func (h *heygen) status(id string) (done, failed, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	h.arrived(now)
	if h.fault(0.1) {
		return false, false, false
	}
	r := h.renders[id]
	return !r.done.After(now), r.fails, true
}

func (h *heygen) fault(share float64) bool { return !h.calm && h.random.Float64() < share }

func (h *heygen) within(d time.Duration) time.Duration {
	return time.Duration(h.random.Int64N(int64(d)))
}
