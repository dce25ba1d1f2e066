package handlers

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/rs/zerolog"

	"heyq/heygen"
	"heyq/internal/filelink"
	"heyq/internal/notify"
	"heyq/internal/policy"
	"heyq/internal/trace"
	"heyq/jobs"
	"heyq/media"
	"heyq/store"
)

// Options is what the handlers work with. All of it is required but the zero
// values of numbers, which mean what their comments say.
type Options struct {
	Store    store.Store
	HeyGen   *heygen.Client
	Media    *media.Library
	Webhooks *notify.Client
	Sender   Sender
	Wake     func()                // asks the dispatcher for a pass: a slot may be free
	Now      func() time.Time      // the wall clock, for times that strangers set or read; nothing of the protocol asks it
	Count    func(jobs.Queue, int) // counts what is finished, as operate.Meter does; nil: nothing is counted
	Log      zerolog.Logger
	Tracer   *trace.Tracer // nil: nothing is traced

	// Owns is asked before files or HeyGen's copies are removed; an error keeps
	// them. nil: they are this installation's.
	Owns func(context.Context) error

	Links *filelink.Links // to files, for receivers; nil: they get none

	Watch func(context.Context) error // sees whether all is well, and tells people if not

	// CallbackURL is where HeyGen may tell of a video's end, without a signature;
	// nil, or an empty address: it may not.
	CallbackURL func(video uuid.UUID) string

	Concurrency map[jobs.Queue]int    // outside calls in flight, a queue
	Bounds      map[jobs.Queue]Bounds // of a queue's step; what is zero is as in DefaultBounds
	Policies    *policy.Set           // makes their bulkheads; nil: their metrics are not told

	Lease           time.Duration // as the store applies it
	PollInterval    time.Duration // between two polls of a young render
	NotFoundAfter   time.Duration // how long HeyGen must say "not found" to be believed
	SearchInterval  time.Duration // between two searches for a lost create
	ResubmitUnfound bool          // submit anew what is not found and too old to be sent again
	MaxVideoBytes   int64         // 0: media's default
	PricePerSecond  float64       // USD
	NotifyURL       string        // the operator's own receiver, which knows the configured secrets and no user's; empty: none
	Retention       Retention
}

// Sender enqueues the next step of videos.
type Sender interface {
	Send(ctx context.Context, step store.Step, claims []store.Claim) error
}

// Handlers does the tasks of all queues. It is an asynq.Handler.
type Handlers struct {
	Options

	kinds     map[string]func(context.Context, []byte) error
	limits    map[jobs.Queue]*policy.Bulkhead
	leases    *leases
	writes    *writes
	polls     *pollSchedule
	account   account
	hosts     *notifyHosts
	sightings sightings

	named sync.Mutex // guards name
	name  *titles    // nil until the installation was asked

	assetTime   *policy.Timeout // the constant; shorter in a test
	deletePause time.Duration   // the constant; shorter in a test
	deleteTime  time.Duration   // the same

	tasks    sync.Mutex // guards running; a WaitGroup may not begin anew beside its Wait
	running  int
	idle     *sync.Cond
	drainCtx context.Context // ends when nothing new is to begin
	drain    context.CancelFunc
}

// New returns handlers that are ready for tasks once Run has been called.
func New(o Options) *Handlers {
	if o.Policies == nil {
		o.Policies = policy.New(policy.Options{})
	}
	h := &Handlers{
		Options: o,
		limits:  map[jobs.Queue]*policy.Bulkhead{},
		leases:  newLeases(o.Store, o.Lease, o.Log),
		writes:  newWrites(o.Store),
		polls:   newPollSchedule(o.PollInterval),
		hosts:   newNotifyHosts(),

		deletePause: deletePause, deleteTime: deleteTime,
		assetTime: o.Policies.Timeout("assets", assetTime),
	}
	h.idle = sync.NewCond(&h.tasks)
	if h.Owns == nil {
		h.Owns = func(context.Context) error { return nil }
	}
	if h.Count == nil {
		h.Count = func(jobs.Queue, int) {}
	}
	h.drainCtx, h.drain = context.WithCancel(context.Background())
	for _, queue := range jobs.Queues {
		h.limits[queue] = o.Policies.Bulkhead(string(queue), o.Concurrency[queue])
	}
	h.kinds = map[string]func(context.Context, []byte) error{
		jobs.VideoCreate.Name:     handle(jobs.VideoCreate, h.createVideos),
		jobs.VideoPoll.Name:       handle(jobs.VideoPoll, h.pollVideos),
		jobs.VideoDownload.Name:   handle(jobs.VideoDownload, h.downloadVideos),
		jobs.VideoAnalyze.Name:    handle(jobs.VideoAnalyze, h.analyzeVideos),
		jobs.NotifyDeliver.Name:   handle(jobs.NotifyDeliver, h.deliverNotifications),
		jobs.AnalyticsRollup.Name: h.scheduled(jobs.AnalyticsRollup, h.rollUpAnalytics),
		jobs.StoreSweep.Name:      h.scheduled(jobs.StoreSweep, h.sweepStore),
		jobs.FilesVerify.Name:     h.scheduled(jobs.FilesVerify, h.verifyFiles),
		jobs.KeysForget.Name:      h.scheduled(jobs.KeysForget, h.forgetKeys),
		jobs.NotifyForget.Name:    h.scheduled(jobs.NotifyForget, h.forgetNotifications),
		jobs.VideosRemove.Name:    h.scheduled(jobs.VideosRemove, h.removeVideos),
		jobs.HeyGenDelete.Name:    h.scheduled(jobs.HeyGenDelete, h.deleteAtHeyGen),
		jobs.AuditForget.Name:     h.scheduled(jobs.AuditForget, h.forgetActions),
		jobs.OpsWatch.Name:        h.scheduled(jobs.OpsWatch, h.watchOps),
	}
	return h
}

// handle ties a kind's payload to its handler.
func handle[A interface{ Validate() error }](kind jobs.Kind[A], fn func(context.Context, A) error) func(context.Context, []byte) error {
	return func(ctx context.Context, payload []byte) error {
		args, err := kind.Decode(payload)
		if err != nil {
			return fmt.Errorf("%w: %w", err, asynq.SkipRetry)
		}
		return fn(ctx, args)
	}
}

// ProcessTask does one task. Kinds are matched exactly. A task of a kind that
// this heyq does not know is archived, and a newer heyq can run it again.
func (h *Handlers) ProcessTask(ctx context.Context, task *asynq.Task) error {
	do, known := h.kinds[task.Type()]
	if !known {
		return fmt.Errorf("unknown kind of task %q: %w", task.Type(), asynq.SkipRetry)
	}
	h.addRunning(1)
	defer h.addRunning(-1)
	return do(ctx, task.Payload())
}

// addRunning keeps the number of running tasks, and tells Drain when it changes.
func (h *Handlers) addRunning(change int) {
	h.tasks.Lock()
	h.running += change
	h.tasks.Unlock()
	h.idle.Broadcast()
}

// Run renews the leases of whatever runs, until ctx ends. Call it for as long
// as tasks are processed.
func (h *Handlers) Run(ctx context.Context) error {
	var learning sync.WaitGroup
	defer learning.Wait()
	learning.Go(func() { h.learn(ctx) })
	return h.leases.run(ctx)
}

// learn has the poll schedule outlive the worker that saw the renders. Without an
// answer it is learned anew.
func (h *Handlers) learn(ctx context.Context) {
	took, err := h.Store.RenderTimes(ctx, rememberedRenders)
	if err != nil {
		h.Log.Debug().Err(err).Msg("what renders took is not known, and is learned anew")
		return
	}
	h.polls.learn(took)
}

// Drain stops beginning new videos and waits until the running ones are done,
// or ctx ends. Videos that wait in a task are given back.
func (h *Handlers) Drain(ctx context.Context) {
	h.drain()
	done := make(chan struct{})
	go func() {
		h.tasks.Lock()
		for h.running > 0 {
			h.idle.Wait()
		}
		h.tasks.Unlock()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}
