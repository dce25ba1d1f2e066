package dispatch

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"heyq/store"
)

// Dispatcher turns due rows into tasks. Any number of them may run at once, in
// any number of processes: the store hands each claim out once, and a task
// that is sent twice begins once.
type Dispatcher struct {
	store    dispatched
	sender   *Sender
	capacity *capacity
	epoch    *redisEpoch
	slots    int
	log      zerolog.Logger
	wake     chan struct{}
	heard    chan struct{}
	hears    atomic.Bool // of what other processes and programs write

	unsure     time.Time // when the oldest pass began whose grants may be lost; zero: none
	nextNotify time.Time // when Pass looks for notifications again

	busy time.Time     // when something was open, or due soon, or it was woken or told
	next time.Duration // until something is due, as far as the last look found
	told time.Time     // when it told the others last
}

// dispatched is the part of the store that the dispatcher drives.
type dispatched interface {
	NextDue(ctx context.Context) (store.NextDue, error)
	Listen(ctx context.Context, heard func()) error
	Tell(ctx context.Context) error
	Admit(ctx context.Context, slots int) ([]store.Claim, error)
	Claim(ctx context.Context, step store.Step, n int) ([]store.Claim, error)
	ClaimAnalyses(ctx context.Context, n int) ([]store.Claim, error)
	ClaimNotifications(ctx context.Context, n int) ([]store.NotificationClaim, error)
	Regrant(ctx context.Context, d time.Duration) error
	SyncRedis(ctx context.Context, epoch string, moved bool) (lost bool, err error)
}

// Options configures a Dispatcher.
type Options struct {
	Store  store.Store
	Sender *Sender
	Slots  int // render slots at HeyGen, for all processes together
	Window int // videos that may be pending in Redis, a queue
	Log    zerolog.Logger
}

// New returns a dispatcher that does nothing until Run or Pass.
func New(o Options) *Dispatcher {
	return &Dispatcher{
		store: o.Store, sender: o.Sender, slots: o.Slots, log: o.Log,
		capacity: &capacity{redis: o.Sender.redis, most: o.Window},
		epoch:    &redisEpoch{redis: o.Sender.redis, store: o.Store},
		wake:     make(chan struct{}, 1),
		heard:    make(chan struct{}, 1),
	}
}

// The rhythm of the loop.
const (
	// Tick is how often a dispatcher looks without being woken: by one read, which
	// says whether anything is due.
	Tick = 250 * time.Millisecond
	// idleTick is how often it does once nothing has been open for quietAfter, and
	// heardTick if it would be told of what is written elsewhere: then a look only
	// finds what it was not told of.
	idleTick   = 2 * time.Second
	heardTick  = 10 * time.Second
	quietAfter = time.Minute
	// tellEvery is the least time between two words of a dispatcher without a rhythm
	// to those that have one, and are not at rest for quietAfter.
	tellEvery = quietAfter / 2
	// breath is the least time between two passes, so that a thousand signals
	// a second do not become a thousand passes, each for one video.
	breath = 100 * time.Millisecond
	// notifyTick is how often a dispatcher looks for notifications: what tells of
	// a video that took minutes may come a second later.
	notifyTick = time.Second
	// pause follows a pass that failed: Redis or the database is away.
	pause = time.Second
)

// Wake asks for a pass soon. It never blocks.
func (d *Dispatcher) Wake() { signal(d.wake) }

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run makes a pass at every Wake, until ctx ends. If interval is not zero, Run also
// looks every interval whether anything is due. It does so less often once nothing has
// been open or due for a while, and at once if another process tells it to. If interval
// is zero, Run looks only when it is woken, and then tells the dispatchers in other
// processes to look, once in tellEvery at most.
func (d *Dispatcher) Run(ctx context.Context, interval time.Duration) error {
	var ticks <-chan time.Time
	var timer *time.Timer
	if interval > 0 {
		timer = time.NewTimer(interval)
		defer timer.Stop()
		ticks = timer.C
		var listening sync.WaitGroup
		listening.Go(func() { d.listen(ctx) })
		defer listening.Wait()
	}
	d.busy = time.Now()
	failed := false
	for {
		woken := false
		select {
		case <-ctx.Done():
			return nil
		case <-d.wake:
			woken = true
			d.busy = time.Now()
		case <-d.heard:
			d.busy = time.Now()
		case <-ticks:
		}
		err := d.pass(ctx, woken)
		if interval == 0 && time.Since(d.told) >= tellEvery {
			if d.store.Tell(ctx) == nil { // they look by themselves, if later
				d.told = time.Now()
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		d.report(err, &failed)
		wait := breath
		if err != nil {
			wait = pause
		}
		if !d.unsure.IsZero() {
			d.Wake()
		}
		sleep(ctx, wait)
		if timer != nil {
			timer.Reset(max(0, d.rest(interval)-wait))
		}
	}
}

// listen waits for word that something is due, and for each has Run look at once, until ctx
// ends.
func (d *Dispatcher) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := d.store.Listen(ctx, func() {
			d.hears.Store(true)
			signal(d.heard)
		})
		d.hears.Store(false)
		if ctx.Err() == nil {
			d.log.Debug().Err(err).Msg("the dispatcher is not told of what others write, and looks more often instead")
			sleep(ctx, idleTick)
		}
	}
}

// rest is how long to wait before the next look.
func (d *Dispatcher) rest(interval time.Duration) time.Duration {
	if time.Since(d.busy) < quietAfter {
		return interval
	}
	idle := idleTick
	if d.hears.Load() {
		idle = heardTick
	}
	return max(interval, min(idle, d.next))
}

// due reports whether a pass would find anything, by one read.
func (d *Dispatcher) due(ctx context.Context) (bool, error) {
	next, err := d.store.NextDue(ctx)
	if err != nil {
		return false, err
	}
	if d.next = next.In; next.Open || next.In < idleTick {
		d.busy = time.Now()
	}
	return next.In <= 0, nil
}

// report logs the first failure of a row of them, and the end of the row.
func (d *Dispatcher) report(err error, failed *bool) {
	switch {
	case err != nil && !*failed:
		d.log.Warn().Err(err).Msg("dispatch is interrupted; rows wait in the store")
	case err == nil && *failed:
		d.log.Info().Msg("dispatch goes on")
	}
	*failed = err != nil
}

// Pass claims what is due and enqueues it, once. Nothing is claimed while
// Redis is away: a claim that cannot be enqueued only waits.
//
// A pass that fails may have granted claims whose answer was lost on the way. The next
// one grants them again, or they would wait for redispatch.
func (d *Dispatcher) Pass(ctx context.Context) error { return d.pass(ctx, true) }

// pass is Pass. Unless it is sure that there is something to do it asks first.
func (d *Dispatcher) pass(ctx context.Context, sure bool) error {
	if !d.unsure.IsZero() {
		if err := d.store.Regrant(ctx, time.Since(d.unsure)+pause); err != nil {
			return err
		}
		d.unsure = time.Time{}
	}
	pending, err := d.capacity.probe(ctx)
	if err != nil {
		return err
	}
	if err := d.epoch.check(ctx, pending.epoch); err != nil {
		return err
	}
	if !sure {
		if due, err := d.due(ctx); err != nil || !due {
			return err
		}
	}
	began := time.Now()
	if err := d.grant(ctx, pending); err != nil {
		d.unsure = began
		return err
	}
	return nil
}

// grant claims what is due, as far as there is room for it.
func (d *Dispatcher) grant(ctx context.Context, pending pending) error {
	admitted, err := d.store.Admit(ctx, d.slots)
	if err != nil {
		return err
	}
	if err := d.sender.Send(ctx, store.Create, admitted); err != nil {
		return err
	}
	for _, step := range store.Steps {
		if err := d.dispatch(ctx, step, pending.room(step)); err != nil {
			return err
		}
	}
	if err := d.analyses(ctx, pending.analyses); err != nil {
		return err
	}
	return d.notifications(ctx, pending.notifications)
}

func (d *Dispatcher) dispatch(ctx context.Context, step store.Step, room int) error {
	if room <= 0 {
		return nil
	}
	claims, err := d.store.Claim(ctx, step, room)
	if err != nil {
		return err
	}
	return d.sender.Send(ctx, step, claims)
}

func (d *Dispatcher) analyses(ctx context.Context, room int) error {
	if room <= 0 {
		return nil
	}
	claims, err := d.store.ClaimAnalyses(ctx, room)
	if err != nil {
		return err
	}
	return d.sender.SendAnalyses(ctx, claims)
}

// notifications looks again at once only if more is due than there was room
// for.
func (d *Dispatcher) notifications(ctx context.Context, room int) error {
	if room <= 0 || time.Now().Before(d.nextNotify) {
		return nil
	}
	claims, err := d.store.ClaimNotifications(ctx, room)
	if err != nil {
		return err
	}
	if len(claims) < room {
		d.nextNotify = time.Now().Add(notifyTick)
	}
	return d.sender.SendNotifications(ctx, claims)
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
