package operate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"heyq/dispatch"
	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/store"
)

// Queues shows operators the queues with the gate before HeyGen, and pauses
// and resumes them. It is safe for concurrent use.
type Queues struct {
	redis     redis.UniversalClient
	inspector *asynq.Inspector
	meter     *Meter
	store     queuesStore
	slots     int
}

type queuesStore interface {
	Backlog(ctx context.Context) (store.Backlog, error)
	Admission(ctx context.Context) (store.Admission, error)
	CloseAdmission(ctx context.Context, reason string) (store.Admission, error)
	ReopenAdmission(ctx context.Context, reason string) (store.Admission, error)
}

// QueuesOptions are what a Queues works on. All of it is required.
type QueuesOptions struct {
	Redis redis.UniversalClient // the caller closes it
	Store store.Store
	Meter *Meter
	Slots int // render slots at HeyGen, for all processes together
}

// NewQueues returns a view of the queues.
func NewQueues(o QueuesOptions) *Queues {
	return &Queues{
		redis: o.Redis, inspector: asynq.NewInspectorFromRedisClient(o.Redis), meter: o.Meter, store: o.Store, slots: o.Slots,
	}
}

// Overview is all queues at one look, and the gate before HeyGen.
type Overview struct {
	Admission store.Admission
	SlotsHeld int // render slots
	Slots     int // of so many
	Lines     []Line
	Redis     error // why Redis could not be asked; nil: it was
}

// Line is one queue: what Redis has of it, and what the store has.
type Line struct {
	Queue  jobs.Queue
	Paused bool    // also if Redis has forgotten that create is, and admission has not
	Tasks  *Tasks  // nil if Redis could not be asked
	Stored *Stored // nil of maintenance and watch, whose jobs are no rows
	Rate   int     // finished in the last minute, as Meter counts; 0 without Tasks
}

// Tasks are asynq's, by their state.
type Tasks struct {
	Pending, Active, Retry, Scheduled, Archived int
}

// Stored is what the store has to do in a queue.
type Stored struct {
	Waiting int           // no worker is at them; in create, those that wait for a slot as well
	Running int           // a worker is at them
	Overdue int           // due, and not dispatched
	Oldest  time.Duration // since the oldest of them came into its state
	Lag     time.Duration // since the longest overdue one was due
}

// How long Redis may take: for a reading, and for a pause or a resumption. asynq's
// inspector takes no context and may wait for many seconds, so its callers stop
// waiting after these times.
const (
	readTime   = 1500 * time.Millisecond
	switchTime = 5 * time.Second
)

// Overview looks at all queues. Without Redis it has the part that the store
// knows; without the store there is none.
func (q *Queues) Overview(ctx context.Context) (Overview, error) {
	o := Overview{Slots: q.slots}
	var backlog store.Backlog
	var lines map[jobs.Queue]*asynq.QueueInfo
	var rates map[jobs.Queue]int
	looks, grouped := errgroup.WithContext(ctx)
	looks.Go(func() (err error) { backlog, err = q.store.Backlog(grouped); return err })
	looks.Go(func() (err error) { o.Admission, err = q.store.Admission(grouped); return err })
	looks.Go(func() error {
		lines, rates, o.Redis = q.look(grouped)
		return nil
	})
	if err := looks.Wait(); err != nil {
		return Overview{}, err
	}
	o.SlotsHeld = backlog.Slots
	for _, queue := range jobs.Queues {
		line := Line{Queue: queue, Stored: storedIn(queue, backlog), Rate: rates[queue]}
		if info := lines[queue]; info != nil {
			line.Paused = info.Paused
			line.Tasks = &Tasks{info.Pending, info.Active, info.Retry, info.Scheduled, info.Archived}
		}
		line.Paused = line.Paused || queue == jobs.CreateQueue && o.Admission.Reason == store.QueueReason
		o.Lines = append(o.Lines, line)
	}
	return o, nil
}

// look asks Redis about all queues, and what was done in them.
func (q *Queues) look(ctx context.Context) (infos map[jobs.Queue]*asynq.QueueInfo, rates map[jobs.Queue]int, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	var looks errgroup.Group
	looks.Go(func() (err error) { infos, err = q.Tasks(ctx); return err })
	looks.Go(func() (err error) { rates, err = q.meter.Rates(ctx); return err })
	return infos, rates, looks.Wait()
}

// Tasks asks Redis what asynq knows of each queue, side by side, until ctx ends.
func (q *Queues) Tasks(ctx context.Context) (map[jobs.Queue]*asynq.QueueInfo, error) {
	if err := dispatch.Register(ctx, q.redis); err != nil { // asynq knows no queue that was never sent a task
		return nil, err
	}
	var mu sync.Mutex
	infos := map[jobs.Queue]*asynq.QueueInfo{}
	var looks errgroup.Group
	for _, queue := range jobs.Queues {
		looks.Go(func() error {
			info, err := within(ctx, func() (*asynq.QueueInfo, error) { return q.inspector.GetQueueInfo(string(queue)) })
			mu.Lock()
			defer mu.Unlock()
			infos[queue] = info
			return err
		})
	}
	if err := looks.Wait(); err != nil {
		return nil, err
	}
	return infos, nil
}

// storedIn is a queue's part of the backlog.
func storedIn(queue jobs.Queue, b store.Backlog) *Stored {
	if !slices.Contains(store.RowQueues, queue) {
		return nil
	}
	load := b.In(queue)
	s := &Stored{Waiting: load.Jobs - load.Running, Running: load.Running, Overdue: load.Overdue, Oldest: load.Oldest, Lag: load.Lag}
	if queue == jobs.CreateQueue {
		s.Waiting += b.Admission.Jobs
		s.Oldest = max(s.Oldest, b.Admission.Oldest)
	}
	return s
}

// Switched is what came of a pause or a resumption.
type Switched struct {
	Line      Line
	Admission store.Admission
	Message   string
}

// Pause keeps workers from fetching tasks of a queue; what they have fetched goes
// on. Pausing create stops spending at once: it closes admission as well, so that
// no video that was fetched begins any more. The store keeps that; the pause of
// any other queue is Redis' to remember.
//
// If Redis or the store is away, the error says what was done and what was not.
// Asking again is harmless.
func (q *Queues) Pause(ctx context.Context, queue jobs.Queue) (Switched, error) {
	if err := known(queue); err != nil {
		return Switched{}, err
	}
	if queue != jobs.CreateQueue {
		if err := q.turn(ctx, queue, true); err != nil {
			return Switched{}, notSwitched(err, "the queue %s could not be paused: Redis does not answer", queue)
		}
		return q.switched(ctx, queue, fmt.Sprintf("%s is paused: workers fetch nothing from it, and finish what they have", queue))
	}
	gate, unclosed := q.store.CloseAdmission(ctx, store.QueueReason)
	unpaused := q.turn(ctx, queue, true)
	switch {
	case unclosed != nil && unpaused != nil:
		return Switched{}, notSwitched(errors.Join(unclosed, unpaused), "nothing was paused: neither the database nor Redis answers")
	case unclosed != nil:
		return Switched{}, notSwitched(unclosed,
			"the queue create is paused, but admission could not be closed: videos that workers have fetched begin when the database answers again")
	case unpaused != nil:
		return Switched{}, notSwitched(unpaused,
			"admission is closed, so nothing new is sent to HeyGen; the queue create itself could not be paused: Redis does not answer")
	case gate.Reason != store.QueueReason:
		return q.switched(ctx, queue, fmt.Sprintf("create is paused; admission was closed before (%s), and stays so when create is resumed", gate.Reason))
	}
	return q.switched(ctx, queue, "create is paused, and admission closed: nothing new is sent to HeyGen, and what was sent goes on")
}

// Resume undoes a Pause. It opens admission only if that Pause closed it: an
// account that HeyGen has stopped stays stopped, as does what an operator paused.
func (q *Queues) Resume(ctx context.Context, queue jobs.Queue) (Switched, error) {
	if err := known(queue); err != nil {
		return Switched{}, err
	}
	if err := q.turn(ctx, queue, false); err != nil {
		return Switched{}, notSwitched(err, "the queue %s could not be resumed, and nothing was changed: Redis does not answer", queue)
	}
	if queue != jobs.CreateQueue {
		return q.switched(ctx, queue, fmt.Sprintf("%s is resumed", queue))
	}
	gate, err := q.store.ReopenAdmission(ctx, store.QueueReason)
	switch {
	case err != nil:
		return Switched{}, notSwitched(err, "the queue create is resumed, but admission could not be opened: the database does not answer")
	case gate.State != store.Open:
		return q.switched(ctx, queue, fmt.Sprintf("create is resumed, but admission stays %s (%s): nothing new is sent until it is open", gate.State, gate.Reason))
	}
	return q.switched(ctx, queue, "create is resumed, and admission is open")
}

// turn pauses or resumes a queue in Redis. asynq refuses to do what is done
// already, by the same kind of error as any other: so what counts is how the
// queue stands afterwards.
func (q *Queues) turn(ctx context.Context, queue jobs.Queue, pause bool) error {
	ctx, cancel := context.WithTimeout(ctx, switchTime)
	defer cancel()
	if err := dispatch.Register(ctx, q.redis); err != nil {
		return err
	}
	_, err := within(ctx, func() (struct{}, error) {
		act := q.inspector.UnpauseQueue
		if pause {
			act = q.inspector.PauseQueue
		}
		refused := act(string(queue))
		info, err := q.inspector.GetQueueInfo(string(queue))
		if err == nil && info.Paused != pause {
			err = refused
		}
		return struct{}{}, err
	})
	return err
}

// switched shows the queue as it now stands. What was done is done, even if the
// queue cannot be read any more.
func (q *Queues) switched(ctx context.Context, queue jobs.Queue, message string) (Switched, error) {
	s := Switched{Line: Line{Queue: queue}, Message: message}
	o, err := q.Overview(ctx)
	if err != nil {
		return s, fault.Wrap(err, fault.Unavailable, "%s; how it stands now cannot be seen", message).
			WithAdvice(fault.ListQueues, "")
	}
	i := slices.IndexFunc(o.Lines, func(l Line) bool { return l.Queue == queue })
	s.Line, s.Admission = o.Lines[i], o.Admission
	return s, nil
}

func known(queue jobs.Queue) error {
	if slices.Contains(jobs.Queues, queue) {
		return nil
	}
	return fault.New(fault.NotFound, "there is no queue %q", queue).WithHint("the queues are %v", jobs.Queues)
}

func notSwitched(err error, format string, args ...any) error {
	return fault.Wrap(err, fault.Unavailable, format, args...).WithHint("ask again when it is back; asking twice is harmless")
}
