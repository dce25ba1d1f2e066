package handlers

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"heyq/heygen"
	"heyq/store"
)

// This file is about answers that would end a paid render and may be wrong. The
// bulk endpoint alone ends nothing: what it does not know, leaves out, calls dead
// or has a strange word for is asked about by the video's own GET. A GET that does
// not know the render is a doubt, and only doubts in a row, for long, are believed.

const (
	mostAsked   = 25               // renders that a poll asks about one by one
	askedAtOnce = 4                // of them at the same time
	strangeFor  = 10 * time.Minute // then a render that HeyGen has only strange words for gives its slot up
	leastTimes  = 3                // answers in a row, at least, until "not found" is believed
	fewUnknown  = 3                // renders that HeyGen may have lost; more, and it is the account that is wrong
)

// word is what HeyGen said of one render.
type word struct {
	status        heygen.Status // empty: nothing
	code, message string        // why it failed, as far as HeyGen said
	own           bool          // by the video's own GET
}

func wordOf(s heygen.VideoStatus) word {
	return word{status: s.Status, code: s.Code, message: s.Message}
}

// sure reports whether the bulk answer is enough.
func (w word) sure() bool {
	return w.status.Known() && !w.status.Dead() && w.status != heygen.StatusNotFound
}

// failure keeps HeyGen's code and words. If it has no code, its word for the
// end is one.
func (w word) failure() store.Failure {
	code, message := w.code, w.message
	if code == "" {
		code = string(w.status)
		if w.status == heygen.StatusFailed {
			code = "rendering_failed"
		}
	}
	if message == "" {
		message = "HeyGen gave no reason"
	}
	return store.Failure{Code: code, Message: message, Step: store.Poll}
}

// askEach asks about those renders, each by itself, whose bulk answer is not
// enough. Those that it has no time for, and those that HeyGen does not answer
// for, are absent: nothing is known of them, and the next poll asks again.
func (h *Handlers) askEach(ctx context.Context, runs []store.Run, bulk map[string]heygen.VideoStatus) map[uuid.UUID]word {
	var open []store.Run
	for _, run := range runs {
		if !wordOf(bulk[run.HeyGenID]).sure() {
			open = append(open, run)
		}
	}
	if len(open) > mostAsked { // by chance, so that each run has its turn
		rand.Shuffle(len(open), func(i, j int) { open[i], open[j] = open[j], open[i] })
		open = open[:mostAsked]
	}
	own := make(map[uuid.UUID]word, len(open))
	var mu sync.Mutex
	var asking errgroup.Group
	asking.SetLimit(askedAtOnce)
	for _, run := range open {
		asking.Go(func() error {
			if said, answered := h.ask(ctx, run, wordOf(bulk[run.HeyGenID])); answered {
				mu.Lock()
				own[run.Video] = said
				mu.Unlock()
			}
			return nil
		})
	}
	_ = asking.Wait() // none of them fails
	return own
}

// ask is what the video's own answer says, with the bulk answer's reason if it
// has none.
func (h *Handlers) ask(ctx context.Context, run store.Run, bulk word) (said word, answered bool) {
	v, err := h.HeyGen.Videos.Get(ctx, run.HeyGenID)
	said = word{status: v.Status, code: v.FailureCode, message: v.FailureMessage, own: true}
	switch {
	case unknownToHeyGen(err):
		said.status = heygen.StatusNotFound
	case err != nil:
		return said, false
	}
	if said.code == "" {
		said.code, said.message = bulk.code, bulk.message
	}
	return said, true
}

// unknownToHeyGen reports whether HeyGen answered that it has no such video.
func unknownToHeyGen(err error) bool {
	answer, answered := errors.AsType[*heygen.Error](err)
	return answered && answer.Status == http.StatusNotFound
}

// believed reports whether HeyGen has not known a video for so long that it is
// taken to be gone. This is another such answer.
func (h *Handlers) believed(run store.Run) bool {
	return run.Doubts+1 >= leastTimes && run.DoubtedFor >= h.NotFoundAfter
}

// unknownRender is the outcome for a render that HeyGen does not know. If it
// knows none at all, the key is another account's: then no render is lost, and no
// other may be paid for.
func (h *Handlers) unknownRender(run store.Run, said word) store.End {
	if run.Doubts == 0 {
		about(h.Log.Warn(), run.Video, run.Origin).Msg("HeyGen does not know a render that it accepted; it is asked again before that is believed")
		return h.goesOn(run, store.InDoubt(run, h.polls.inDoubt(run), false))
	}
	// An operator who resumes admission all the same is not contradicted by the same renders.
	if h.account.lacks(run.Video, run.Doubts == 1) || !h.believed(run) || run.PastWriteOff {
		return h.goesOn(run, store.InDoubt(run, h.polls.inDoubt(run), false))
	}
	failure := store.Failure{Code: "not_found", Message: "HeyGen does not know the video any more; it is still watched, and revived if HeyGen finds it again", Step: store.Poll}
	if said.code != "" {
		failure = said.failure()
	}
	return store.Missing(run, failure, h.polls.inDoubt(run))
}

// wrongAccount is the reason of a gate that is closed because of that.
const wrongAccount = "HeyGen knows none of the renders that it accepted: is HEYGEN_API_KEY that of another account?"

// account remembers which renders HeyGen has not known since it last knew one.
type account struct {
	mu      sync.Mutex
	unknown map[uuid.UUID]struct{}
	right   bool                                    // HeyGen knew one last
	gate    func(context.Context, store.Gate) error // to be done to it; nil: nothing
}

// knows notes that HeyGen knows a render of ours: the account is the right one,
// whatever this process or the one before it thought.
func (a *account) knows() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.right {
		clear(a.unknown)
		return
	}
	a.right, a.unknown = true, map[uuid.UUID]struct{}{}
	a.gate = func(ctx context.Context, gate store.Gate) error {
		_, err := gate.ReopenAdmission(ctx, wrongAccount)
		return err
	}
}

// lacks notes that HeyGen does not know one, and reports whether it knows none.
// If it does not for the first time, so that it is news, the gate is closed.
func (a *account) lacks(video uuid.UUID, news bool) (wrong bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.unknown == nil {
		a.unknown = map[uuid.UUID]struct{}{}
	}
	a.unknown[video] = struct{}{}
	if len(a.unknown) <= fewUnknown {
		return false
	}
	if a.right = false; news {
		a.gate = func(ctx context.Context, gate store.Gate) error {
			_, err := gate.CloseAdmission(ctx, wrongAccount)
			return err
		}
	}
	return true
}

// move opens or closes the gate as was found out; a store that is away is asked
// again by the next poll.
func (a *account) move(ctx context.Context, gate store.Gate) error {
	a.mu.Lock()
	do := a.gate
	a.gate = nil
	a.mu.Unlock()
	if do == nil {
		return nil
	}
	err := do(ctx, gate)
	if err != nil {
		a.mu.Lock()
		if a.gate == nil {
			a.gate = do
		}
		a.mu.Unlock()
	}
	return err
}
