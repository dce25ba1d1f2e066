package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/store"
)

// fakeStore has rows that are due, and hands each out once. What a test does
// not expect, it panics on.
type fakeStore struct {
	next   store.NextDue // what NextDue answers: due now
	looked int           // how often it was asked
	store.Store

	mu        sync.Mutex
	admit     int                // rows that get a slot
	due       map[store.Step]int // rows that are due for a step
	analyses  int
	notices   int    // notifications that are due
	noticed   int    // how often ClaimNotifications was asked
	epoch     string // the epoch as it is remembered
	failing   error  // of SyncRedis and Admit
	claimed   func() // called before rows are handed out; may be nil
	passes    int    // how often Admit was asked
	losing    bool   // Admit grants, and its answer is lost
	regranted []time.Duration
	handed    []store.Claim
	unclaimed []store.Claim
	told      int
	synced    []string // epochs that the store was told
	moved     []bool   // and what it was told beside each
}

func newFakeStore() *fakeStore { return &fakeStore{due: map[store.Step]int{}} }

func (s *fakeStore) hand(n int) []store.Claim {
	if s.claimed != nil {
		s.claimed()
	}
	claims := make([]store.Claim, n)
	for i := range claims {
		claims[i] = store.Claim{Video: uuid.Must(uuid.NewV7()), Claim: 1}
	}
	s.handed = append(s.handed, claims...)
	return claims
}

func (s *fakeStore) Admit(_ context.Context, slots int) ([]store.Claim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passes++
	if s.failing != nil {
		return nil, s.failing
	}
	n := min(s.admit, slots)
	s.admit -= n
	if s.losing {
		s.losing = false
		return nil, errors.New("the connection was cut")
	}
	return s.hand(n), nil
}

// Regrant has as many rows due as Admit lost.
func (s *fakeStore) Regrant(_ context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing != nil {
		return s.failing
	}
	s.regranted = append(s.regranted, d)
	return nil
}

func (s *fakeStore) NextDue(context.Context) (store.NextDue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked++
	return s.next, s.failing
}

// Listen hears nothing but that it listens.
func (s *fakeStore) Listen(ctx context.Context, heard func()) error {
	heard()
	<-ctx.Done()
	return ctx.Err()
}

func (s *fakeStore) Tell(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told++
	return nil
}

func (s *fakeStore) Claim(_ context.Context, step store.Step, n int) ([]store.Claim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n = min(n, s.due[step])
	s.due[step] -= n
	return s.hand(n), nil
}

func (s *fakeStore) ClaimAnalyses(_ context.Context, n int) ([]store.Claim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n = min(n, s.analyses)
	s.analyses -= n
	return s.hand(n), nil
}

func (s *fakeStore) ClaimNotifications(_ context.Context, n int) ([]store.NotificationClaim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noticed++
	claims := make([]store.NotificationClaim, min(n, s.notices))
	s.notices -= len(claims)
	for i := range claims {
		claims[i] = store.NotificationClaim{Notification: uuid.Must(uuid.NewV7()), Claim: 1}
	}
	return claims, nil
}

func (s *fakeStore) Unclaim(_ context.Context, claims []store.Claim) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unclaimed = append(s.unclaimed, claims...)
	return nil
}

func (s *fakeStore) SyncRedis(_ context.Context, epoch string, moved bool) (lost bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing != nil {
		return false, s.failing
	}
	s.synced = append(s.synced, epoch)
	s.moved = append(s.moved, moved)
	lost, s.epoch = s.epoch != epoch || moved, epoch
	return lost, nil
}

func (s *fakeStore) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = err
}

func (s *fakeStore) passed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.passes
}

var errAway = errors.New("the database did not answer")

// bench is a dispatcher between a fake store and a miniredis.
type bench struct {
	*Dispatcher
	store *fakeStore
	mini  *miniredis.Miniredis
	redis *redis.Client // the dispatcher's
	eyes  *redis.Client // the test's own
}

func newBench(t *testing.T, window int) *bench {
	t.Helper()
	b := &bench{store: newFakeStore(), mini: miniredis.RunT(t)}
	b.redis = redis.NewClient(&redis.Options{Addr: b.mini.Addr(), MaxRetries: -1})
	b.eyes = redis.NewClient(&redis.Options{Addr: b.mini.Addr()})
	t.Cleanup(func() { _, _ = b.redis.Close(), b.eyes.Close() })
	sender := NewSender(b.redis, b.store)
	b.Dispatcher = New(Options{Store: b.store, Sender: sender, Slots: 1000, Window: window, Log: zerolog.Nop()})
	return b
}

// pending reads the tasks that wait in a queue.
func (b *bench) pending(t *testing.T, queue jobs.Queue) []jobs.VideoTask {
	t.Helper()
	return pendingOn[jobs.VideoTask](t, b.eyes, queue)
}

func pendingOn[A any](t *testing.T, r redis.UniversalClient, queue jobs.Queue) (list []A) {
	t.Helper()
	for _, task := range infos(t, r, queue) {
		var args A
		if err := json.Unmarshal(task.Payload, &args); err != nil {
			t.Fatal(err)
		}
		list = append(list, args)
	}
	return list
}

func infos(t *testing.T, r redis.UniversalClient, queue jobs.Queue) []*asynq.TaskInfo {
	t.Helper()
	tasks, err := asynq.NewInspectorFromRedisClient(r).ListPendingTasks(string(queue), asynq.PageSize(10_000))
	if err != nil && !errors.Is(err, asynq.ErrQueueNotFound) {
		t.Fatal(err)
	}
	return tasks
}

// videos counts the videos of tasks.
func videos(tasks []jobs.VideoTask) (n int) {
	for _, task := range tasks {
		n += len(task.Videos)
	}
	return n
}

// sizes are the lengths of the tasks' lists, longest first.
func sizes(tasks []jobs.VideoTask) (list []int) {
	for _, task := range tasks {
		list = append(list, len(task.Videos))
	}
	slices.Sort(list)
	slices.Reverse(list)
	return list
}

func compare(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// soon is when a test gives up waiting for what takes milliseconds.
const soon = testkit.Patience
