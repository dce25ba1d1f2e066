package dispatch

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"heyq/jobs"
	"heyq/store"
)

func TestGroupSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind jobs.Kind[jobs.VideoTask]
		due  int
		want int
	}{
		{jobs.VideoCreate, 0, 1},
		{jobs.VideoCreate, 1, 1},
		{jobs.VideoCreate, 8, 1}, // one each for several processes
		{jobs.VideoCreate, 9, 2},
		{jobs.VideoCreate, 100, 13},
		{jobs.VideoCreate, 200, 25},
		{jobs.VideoCreate, 100_000, 25},
		{jobs.VideoDownload, 17, 3},
		{jobs.VideoPoll, 1, 100}, // one call asks for all of them
		{jobs.VideoPoll, 1000, 100},
		{jobs.VideoAnalyze, 3, 100},
	} {
		if got := groupSize(c.kind, c.due); got != c.want {
			t.Errorf("%s, %d due: groups of %d, want %d", c.kind.Name, c.due, got, c.want)
		}
	}
}

func newClaims(n int) []store.Claim {
	claims := make([]store.Claim, n)
	for i := range claims {
		claims[i] = store.Claim{Video: uuid.Must(uuid.NewV7()), Claim: 1}
	}
	return claims
}

func TestSend_enqueues_each_claim_once(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	claims := newClaims(11)
	for range 2 { // the second time as if the first answer had been lost
		if err := b.sender.Send(t.Context(), store.Create, claims); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, "groups", sizes(b.pending(t, jobs.CreateQueue)), []int{2, 2, 2, 2, 2, 1})
	compare(t, "unclaimed", b.store.unclaimed, []store.Claim(nil))

	next := []store.Claim{{Video: claims[0].Video, Claim: 2}}
	if err := b.sender.Send(t.Context(), store.Create, next); err != nil {
		t.Fatal(err)
	}
	compare(t, "with the next claim", sizes(b.pending(t, jobs.CreateQueue)), []int{2, 2, 2, 2, 2, 1, 1})
}

// failAfter lets some enqueueings through and fails the rest.
type failAfter struct {
	redis.Hook
	left int
}

var errRedis = errors.New("redis is gone")

func (f *failAfter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (f *failAfter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (f *failAfter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		script := cmd.Name() == "evalsha" || cmd.Name() == "eval"
		if script && f.left == 0 {
			return errRedis
		}
		err := next(ctx, cmd)
		if script && err == nil {
			f.left--
		}
		return err
	}
}

func TestSend_gives_back_what_could_not_be_enqueued(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	b.redis.AddHook(&failAfter{left: 1})
	claims := newClaims(200)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := b.sender.Send(ctx, store.Download, claims); err == nil || !strings.Contains(err.Error(), errRedis.Error()) { // asynq drops the chain
		t.Fatalf("got %v", err)
	}
	compare(t, "enqueued", b.pending(t, jobs.DownloadQueue), []jobs.VideoTask{{Videos: claims[:25]}})
	compare(t, "unclaimed", b.store.unclaimed, claims[25:])
}

func TestSend_gives_back_though_its_caller_is_gone(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	claims := newClaims(3)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.sender.Send(ctx, store.Download, claims); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	compare(t, "unclaimed", b.store.unclaimed, claims)
}

func TestSendAnalyses_leaves_what_failed_to_redispatch(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	if err := b.sender.SendAnalyses(t.Context(), newClaims(120)); err != nil {
		t.Fatal(err)
	}
	compare(t, "groups", sizes(b.pending(t, jobs.AnalyticsQueue)), []int{100, 20})
	b.mini.Close()
	if err := b.sender.SendAnalyses(t.Context(), newClaims(1)); err == nil {
		t.Error("sent without Redis")
	}
	if len(b.store.unclaimed) != 0 {
		t.Error("a claim of an analysis is no claim of its video") // its number is another table's
	}
}

// The task of one video carries its trace; of several each has its own.
func TestSend_carries_the_trace_of_one_video(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	claims := newClaims(17)
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for i := range claims {
		claims[i].Trace = parent
	}
	for _, list := range [][]store.Claim{claims[:1], claims[1:]} {
		if err := b.sender.Send(t.Context(), store.Create, list); err != nil {
			t.Fatal(err)
		}
	}
	tasks := infos(t, b.eyes, jobs.CreateQueue)
	with := 0
	for _, task := range tasks {
		if task.Headers["traceparent"] == parent {
			with++
		}
	}
	if with != 1 || len(tasks) < 2 {
		t.Errorf("%d of %d tasks carry a trace, want the one of a single video", with, len(tasks))
	}
}
