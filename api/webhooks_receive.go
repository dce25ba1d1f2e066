package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"heyq/internal/batcher"
	"heyq/internal/heygenhook"
	"heyq/store"
)

// How much the receiver takes on, and how long HeyGen waits for its answer. A
// store that is slow must not make HeyGen deliver everything again: what waits
// in the queue is answered like what is written, and polls find what is lost.
const (
	hintPatience = 25 * time.Millisecond
	hintTimeout  = 10 * time.Second
	mostHints    = 1000 // waiting for the store
	mostBodies   = 32   // being read: a stranger can send one, and it cannot be verified before it is whole
	bodyPatience = 2 * time.Second
	bodyTime     = 5 * time.Second // in which a body has to come
	hintsAtOnce  = 500             // in a statement
	eventMemory  = 10_000          // events that are known again
)

// receiver takes deliveries from HeyGen. All that one may do is to have a video
// looked at now; see store.Machine.Hint.
type receiver struct {
	keyring  *heygenhook.Keyring
	links    *heygenhook.Links
	word     string // the installation's
	counts   *Deliveries
	now      func() time.Time
	patience time.Duration // see Options

	refusals *refusals
	seen     *lru.Cache[string, struct{}] // events; a lost one is harmless twice
	hints    *batcher.Batcher[*store.Hint, *store.Hint, *store.Hint]
	places   chan struct{} // taken by hints that wait for the store
	bodies   chan struct{} // taken by bodies that are being read
}

func newReceiver(o Options) *receiver {
	self := func(h *store.Hint) *store.Hint { return h }
	write := func(ctx context.Context, hints []*store.Hint) ([]*store.Hint, error) {
		ctx, cancel := context.WithTimeout(ctx, hintTimeout)
		defer cancel()
		list := make([]store.Hint, len(hints))
		for i, h := range hints {
			list[i] = *h
		}
		return nil, o.Client.Hint(ctx, list)
	}
	seen, _ := lru.New[string, struct{}](eventMemory) // it only refuses a size below one
	return &receiver{
		keyring: o.Keyring, links: o.Links, word: o.Word, counts: o.Deliveries, now: o.Now, patience: o.Patience,
		refusals: &refusals{counts: o.Deliveries, log: o.Logger},
		seen:     seen,
		hints:    batcher.New(hintsAtOnce, write, self, self, func(error) bool { return false }),
		places:   make(chan struct{}, mostHints),
		bodies:   make(chan struct{}, mostBodies),
	}
}

// routes are not huma's: HeyGen decides the form of a delivery, and no client of heyq's
// is meant to call them.
func (v *receiver) routes(mux *http.ServeMux) {
	const one = heygenhook.Path + "/{video}/{token}"
	mux.HandleFunc("POST "+heygenhook.Path, v.receive)
	mux.HandleFunc("POST "+one, v.receiveOne)
	for _, path := range []string{heygenhook.Path, one} {
		mux.HandleFunc("GET "+path, pong) // HeyGen asks so whether the address answers
		mux.HandleFunc("OPTIONS "+path, pong)
	}
}

func pong(http.ResponseWriter, *http.Request) {}

// receive takes a signed delivery.
func (v *receiver) receive(w http.ResponseWriter, r *http.Request) {
	event, refused := v.read(w, r)
	switch {
	case errors.Is(refused, errCrowded):
		v.putOff(w, &v.counts.Crowded)
	case errors.Is(refused, heygenhook.ErrLocked):
		v.putOff(w, &v.counts.Failed)
	case errors.Is(refused, heygenhook.ErrForged) && v.ofAnother(r):
		v.counts.Foreign.Add(1)
		writeProblem(w, newProblem(http.StatusMisdirectedRequest, "the delivery is for another heyq with this address", ""))
	case refused != nil:
		v.refuse(w, refused)
	case !event.OfRender():
		v.counts.Ignored.Add(1)
	case v.seen.Contains(event.ID):
		v.counts.Repeated.Add(1)
	default:
		if v.note(w, r, store.Hint{HeyGenID: event.HeyGenID, Video: event.Video}) {
			v.seen.Add(event.ID, struct{}{})
		}
	}
}

// ofAnother reports whether a delivery came to the endpoint of another
// installation that has the same address. Who says so gains nothing by it.
func (v *receiver) ofAnother(r *http.Request) bool {
	_, word := heygenhook.Owner(r.URL.String())
	return word != "" && word != v.word
}

// receiveOne takes an unsigned delivery about one video, at an address that only
// HeyGen was told. Its body says nothing that would be believed, and is not
// read.
func (v *receiver) receiveOne(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("video"))
	if err != nil || !v.links.Valid(id, r.PathValue("token")) {
		v.refuse(w, heygenhook.ErrForged)
		return
	}
	v.note(w, r, store.Hint{Video: id})
}

// read returns the event of a delivery that HeyGen signed. Nothing of the body
// is looked at before that is certain.
func (v *receiver) read(w http.ResponseWriter, r *http.Request) (heygenhook.Event, error) {
	stamp, err := heygenhook.ReadStamp(r.Header, v.now())
	if err != nil {
		return heygenhook.Event{}, err
	}
	body, err := v.readBody(w, r)
	if err != nil {
		return heygenhook.Event{}, err
	}
	if err := v.keyring.Verify(r.Context(), stamp, body); err != nil {
		return heygenhook.Event{}, err
	}
	return heygenhook.Parse(r.Header, body)
}

// errCrowded says that too many bodies are being read.
var errCrowded = errors.New("too many deliveries at once")

// readBody returns the whole body, if it comes in time and is not too large.
func (v *receiver) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > heygenhook.MaxBody {
		return nil, &http.MaxBytesError{Limit: heygenhook.MaxBody}
	}
	patient, cancel := context.WithTimeout(r.Context(), bodyPatience)
	defer cancel()
	select {
	case v.bodies <- struct{}{}:
		defer func() { <-v.bodies }()
	case <-patient.Done():
		return nil, errCrowded
	}
	control := http.NewResponseController(w) // its errors say that the connection has no deadlines
	_ = control.SetReadDeadline(time.Now().Add(bodyTime))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, heygenhook.MaxBody))
	if err != nil {
		return nil, err
	}
	_ = control.SetReadDeadline(time.Time{})
	return body, nil
}

// note hands a hint over and waits a little for it to be written. It reports
// whether the hint was taken; if not, the answer says so.
func (v *receiver) note(w http.ResponseWriter, r *http.Request, hint store.Hint) bool {
	select {
	case v.places <- struct{}{}:
	default:
		v.putOff(w, &v.counts.Crowded)
		return false
	}
	written, left := make(chan error), make(chan struct{})
	defer close(left)
	ctx := context.WithoutCancel(r.Context())
	go func() {
		_, _, err := v.hints.Do(ctx, &hint)
		<-v.places
		select {
		case written <- err:
		case <-left:
			if err != nil {
				v.counts.Lost.Add(1)
			}
		}
	}()
	patience := time.NewTimer(v.patience)
	defer patience.Stop()
	select {
	case err := <-written:
		if err != nil {
			visitOf(r.Context()).cause = err
			v.putOff(w, &v.counts.Failed)
			return false
		}
	case <-patience.C:
	}
	v.counts.Accepted.Add(1)
	return true
}

// putOff asks HeyGen to deliver again later.
func (v *receiver) putOff(w http.ResponseWriter, reason *atomic.Int64) {
	reason.Add(1)
	v.refusals.tell()
	w.Header().Set("Retry-After", retryAfter)
	writeProblem(w, newProblem(http.StatusServiceUnavailable, "the delivery cannot be noted now", "deliver it again later"))
}

// refuse answers a delivery that has no effect.
func (v *receiver) refuse(w http.ResponseWriter, err error) {
	status, reason := http.StatusUnauthorized, &v.counts.Forged
	message := "the delivery is not signed with a secret that heyq knows"
	_, large := errors.AsType[*http.MaxBytesError](err)
	switch {
	case large:
		status, reason, message = http.StatusRequestEntityTooLarge, &v.counts.TooLarge, "the delivery is larger than 128 KiB"
	case errors.Is(err, heygenhook.ErrUnsigned):
		reason, message = &v.counts.Unsigned, "the delivery is not signed"
	case errors.Is(err, heygenhook.ErrStale):
		reason, message = &v.counts.Stale, "the delivery's timestamp is not of now"
	case !errors.Is(err, heygenhook.ErrForged):
		status, reason, message = http.StatusBadRequest, &v.counts.Unreadable, "the delivery cannot be read"
	}
	reason.Add(1)
	v.refusals.tell()
	writeProblem(w, newProblem(status, message, ""))
}
