package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"heyq/heygen"
	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/media"
	"heyq/store"
)

// fakeStore keeps just enough of the row protocol: a claim begins once, and an
// End counts only under its fence. What a test does not expect, it panics on.
type fakeStore struct {
	store.Store

	mu        sync.Mutex
	rows      map[uuid.UUID]*fakeRow
	seen      store.TitleSeen     // the title that came back last; zero: none did
	setBack   time.Time           // when the database was; zero: never
	failing   error               // what Begin, Hold, Renew and End answer while it is set
	bad       map[uuid.UUID]error // what a Begin or End answers that has the row in its list
	begins    int                 // statements, not videos
	ended     []store.End
	unclaimed []store.Claim
	held      []store.Claim        // every claim of every Hold that was asked for
	ran       []store.ScheduledEnd // what scheduled jobs recorded
	gate      []string             // what was done to admission, and the reason
}

// RenderTimes knows of no render.
func (s *fakeStore) RenderTimes(context.Context, int) ([]time.Duration, error) { return nil, nil }

type fakeRow struct {
	run   store.Run // as Begin returns it, but for Run
	claim int64
	begun int64
}

// errAway is what a store says whose database is away.
var errAway = fault.New(fault.Unavailable, "the database did not answer")

func newFakeStore() *fakeStore { return &fakeStore{rows: map[uuid.UUID]*fakeRow{}} }

// add puts a row that is claimed into the store; change may alter what its
// Begin returns.
func (s *fakeStore) add(state store.State, change ...func(*store.Run)) store.Claim {
	run := newRun(state)
	for _, c := range change {
		c(&run)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows[run.Video] = &fakeRow{run: run, claim: 1}
	return store.Claim{Video: run.Video, Claim: 1}
}

func (s *fakeStore) addMany(n int, state store.State) []store.Claim {
	claims := make([]store.Claim, n)
	for i := range claims {
		claims[i] = s.add(state)
	}
	return claims
}

// fail makes the store fail until it is called with nil.
func (s *fakeStore) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = err
}

// spoil makes each Begin and End fail that has the row in its list.
func (s *fakeStore) spoil(id uuid.UUID, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bad = map[uuid.UUID]error{id: err}
}

// errLocked is what a store says of a row that another transaction holds.
var errLocked = fault.Wrap(store.ErrLocked, fault.Unavailable, "another transaction holds what this needs")

// steal gives a row to another worker: the one that runs it has lost it.
func (s *fakeStore) steal(id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows[id].claim += 1
	s.rows[id].begun = s.rows[id].claim
}

// Installation has no word here, so that titles are short.
func (s *fakeStore) Installation(context.Context) (store.Installation, error) {
	return store.Installation{SetBack: s.setBack}, nil
}

func (s *fakeStore) SawTitle(_ context.Context, _ string, seen store.TitleSeen) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = seen
	return nil
}

func (s *fakeStore) TitleSeen(context.Context, string, time.Duration) (store.TitleSeen, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen, s.seen.HeyGenID != "", nil
}

// states is the state of each row, in the order of claims.
func (s *fakeStore) states(claims []store.Claim) []store.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	states := make([]store.State, len(claims))
	for i, c := range claims {
		states[i] = s.rows[c.Video].run.State
	}
	return states
}

func (s *fakeStore) CloseAdmission(_ context.Context, reason string) (store.Admission, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate = append(s.gate, "closed: "+reason)
	return store.Admission{}, s.failing
}

func (s *fakeStore) ReopenAdmission(_ context.Context, reason string) (store.Admission, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate = append(s.gate, "open: "+reason)
	return store.Admission{}, s.failing
}

func (s *fakeStore) Begin(_ context.Context, _ store.Step, claims []store.Claim) ([]store.Run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begins++
	if s.failing != nil {
		return nil, s.failing
	}
	for _, c := range claims {
		if err := s.bad[c.Video]; err != nil {
			return nil, err
		}
	}
	var runs []store.Run
	for _, c := range claims {
		row := s.rows[c.Video]
		if row == nil || row.claim != c.Claim || row.begun >= c.Claim {
			continue
		}
		row.begun = c.Claim
		run := row.run
		run.Fence.Run = c.Claim
		runs = append(runs, run)
	}
	return runs, nil
}

func (s *fakeStore) End(_ context.Context, ends []store.End) ([]store.Ended, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing != nil {
		return nil, s.failing
	}
	for _, e := range ends {
		if err := s.bad[e.Video]; err != nil {
			return nil, err
		}
	}
	var ended []store.Ended
	for _, e := range ends {
		row := s.rows[e.Video]
		if row.begun != e.Run || row.run.State != e.State {
			continue
		}
		s.ended = append(s.ended, e)
		row.run.State = e.To
		row.begun, row.claim = row.claim+1, row.claim+1
		outcome := store.Ended{Video: e.Video, State: e.To}
		if e.Next {
			row.claim++
			outcome.Next = &store.Claim{Video: e.Video, Claim: row.claim}
		}
		ended = append(ended, outcome)
	}
	return ended, nil
}

func (s *fakeStore) Hold(_ context.Context, claims []store.Claim) ([]store.Claim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = append(s.held, claims...)
	if s.failing != nil {
		return nil, s.failing
	}
	return slices.DeleteFunc(slices.Clone(claims), func(c store.Claim) bool {
		row := s.rows[c.Video]
		return row.claim != c.Claim || row.begun >= c.Claim
	}), nil
}

func (s *fakeStore) Renew(_ context.Context, fences []store.Fence) ([]store.Fence, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing != nil {
		return nil, s.failing
	}
	return slices.DeleteFunc(slices.Clone(fences), func(f store.Fence) bool {
		return s.rows[f.Video].begun != f.Run
	}), nil
}

func (s *fakeStore) Unclaim(_ context.Context, claims []store.Claim) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unclaimed = append(s.unclaimed, claims...)
	return s.failing
}

func (s *fakeStore) BeginScheduled(context.Context, string) (int64, error) { return 7, nil }

func (s *fakeStore) EndScheduled(ctx context.Context, e store.ScheduledEnd) error {
	s.ran = append(s.ran, e)
	return ctx.Err()
}

// fakeSender notes what is sent.
type fakeSender struct {
	mu   sync.Mutex
	sent []store.Claim
	err  error
}

func (s *fakeSender) Send(_ context.Context, _ store.Step, claims []store.Claim) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, claims...)
	return s.err
}

// newRun is a run of a video that has begun.
func newRun(state store.State) store.Run {
	id := uuid.Must(uuid.NewV7())
	return store.Run{
		Fence: store.Fence{Video: id, Run: 1, State: state},
		Title: "Hello", HeyGenID: "hey-" + id.String(), Submission: 1, CreatedAt: time.Now(),
		Request: json.RawMessage(`{"script":"Hello Ada","avatar_id":"avatar_1"}`),
	}
}

// bench is Handlers with fakes around them.
type bench struct {
	*Handlers
	store  *fakeStore
	sender *fakeSender
	dir    string
	woken  atomic.Int32
}

// newBench returns handlers on a fake store. web answers for HeyGen and for its
// file host; nil if neither is asked. The attempts that there are by default.
var (
	createAttempts   = DefaultBounds[jobs.CreateQueue].Attempts
	downloadAttempts = DefaultBounds[jobs.DownloadQueue].Attempts
	analyzeAttempts  = DefaultBounds[jobs.AnalyticsQueue].Attempts
)

func newBench(t *testing.T, web http.Handler, change ...func(*Options)) *bench {
	t.Helper()
	b := &bench{store: newFakeStore(), sender: &fakeSender{}}
	o := Options{
		Store: b.store, Sender: b.sender, Wake: func() { b.woken.Add(1) }, Now: time.Now, Log: zerolog.Nop(),
		Lease: 20 * time.Second, PollInterval: 5 * time.Second, NotFoundAfter: 30 * time.Minute, SearchInterval: time.Minute,
	}
	if web != nil {
		b.dir = t.TempDir()
		o.HeyGen, o.Media = newClient(t, web), newLibrary(t, b.dir)
	}
	for _, c := range change {
		c(&o)
	}
	b.Handlers = New(o)
	return b
}

func newClient(t *testing.T, web http.Handler) *heygen.Client {
	t.Helper()
	server := httptest.NewServer(web)
	t.Cleanup(server.Close)
	client, err := heygen.New(heygen.Options{BaseURL: server.URL, APIKey: "key"})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func newLibrary(t *testing.T, dir string, change ...func(*media.Options)) *media.Library {
	t.Helper()
	o := media.Options{URL: filepath.Join(dir, "media"), Spool: filepath.Join(dir, "spool"), Pause: time.Millisecond, Private: func(string) bool { return true }}
	for _, c := range change {
		c(&o)
	}
	library, err := media.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = library.Close() })
	return library
}

// answer writes JSON as HeyGen does.
func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

// limited bounds the outside calls of every queue.
func limited(n int) func(*Options) {
	return func(o *Options) {
		o.Concurrency = map[jobs.Queue]int{}
		for _, queue := range jobs.Queues {
			o.Concurrency[queue] = n
		}
	}
}

// spread lets a wait differ by the fifth that backoff spreads it by.
var spread = cmp.Comparer(func(a, b time.Duration) bool {
	return (a - b).Abs() <= max(a, b)/4
})

func compare(t *testing.T, what string, got, want any, options ...cmp.Option) {
	t.Helper()
	options = append(options, cmpopts.IgnoreFields(store.End{}, "Cause")) // it is for the log
	if diff := cmp.Diff(want, got, options...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

var errOther = errors.New("something else")

// endedContext returns a context that has ended.
func endedContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
