package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"heyq/internal/fault"
	"heyq/internal/ttlcache"
	"heyq/store"
)

const (
	linger    = 2 * time.Minute // for which a process looks on when its last stream was closed
	retry     = 500 * time.Millisecond
	hintTime  = time.Second // what telling others of a hint may take
	mostHints = 1000        // hints that wait
)

// Options are what a Feed works on. All but Logger are required.
type Options struct {
	Store  store.Live
	Redis  redis.UniversalClient // of this feed alone, for it waits in it; the caller closes it
	Logger zerolog.Logger
}

// Feed hands what becomes of videos to those who listen in this process. It is safe for
// concurrent use.
type Feed struct {
	store store.Live
	redis redis.UniversalClient
	log   zerolog.Logger
	times *ttlcache.Value[[]store.PhaseTimes]

	wanted chan struct{}  // a stream waits for the first look
	hints  chan uuid.UUID // to be told to all processes
	soon   chan struct{}  // a hint came from some process

	mu      sync.Mutex
	ended   bool          // Run has returned
	up      bool          // the first look is done, and more follow
	sick    bool          // Redis does not answer
	changed chan struct{} // closed when up changes, or a try to come up has failed
	failure error         // of that try

	memory []*Event // the end of the stream, oldest first
	oldest Place    // behind which memory has everything
	last   Place    // until which the stream was read
	gap    Place    // behind which nothing was missed

	open      map[topic]map[*Stream]struct{}
	users     map[string]int
	streams   int
	idleSince time.Time
	hinted    []uuid.UUID // to be looked at
}

// New returns a feed. It tells nothing until Run is called.
func New(o Options) *Feed {
	return &Feed{
		store: o.Store, redis: o.Redis, log: o.Logger,
		times: ttlcache.New(outlookLife, outlookTime, func(ctx context.Context) ([]store.PhaseTimes, error) {
			return o.Store.PhaseTimes(ctx, samples)
		}),
		wanted: make(chan struct{}, 1), hints: make(chan uuid.UUID, mostHints), soon: make(chan struct{}, 1),
		changed: make(chan struct{}), open: map[topic]map[*Stream]struct{}{}, users: map[string]int{},
	}
}

// Hint says that a video has moved, or may have. It waits for nothing, and what is lost
// of it only comes later.
func (f *Feed) Hint(video uuid.UUID) {
	select {
	case f.hints <- video:
	default:
	}
}

// Run looks what moves while streams are open, and for two minutes after that, until ctx
// ends. Then it ends all streams.
func (f *Feed) Run(ctx context.Context) error {
	var telling sync.WaitGroup
	defer telling.Wait()
	telling.Go(func() { f.tellHints(ctx) })
	defer context.AfterFunc(ctx, f.stop)() // a reader does not wait for Redis
	for {
		select {
		case <-ctx.Done():
			f.stop()
			return nil
		case <-f.wanted:
		}
		if err := f.work(ctx); err != nil && ctx.Err() == nil {
			f.log.Debug().Err(err).Msg("no live events for a moment")
		}
	}
}

// work looks and reads until no stream is open any more, or events were lost.
func (f *Feed) work(ctx context.Context) error {
	look := newLookout(f)
	if err := f.start(ctx, look); err != nil {
		f.setUp(false, err)
		return err
	}
	f.setUp(true, nil)
	both, working := errgroup.WithContext(ctx)
	both.Go(func() error { return f.read(working) })
	both.Go(func() error { return f.tail(working, look) })
	err := both.Wait()
	f.setUp(false, nil)
	if ctx.Err() != nil {
		return nil
	}
	f.endAll(Lost)
	if errors.Is(err, errIdle) {
		return nil
	}
	return err
}

var (
	errIdle = errors.New("no stream is open")
	errLost = errors.New("the events were lost in Redis")
)

// start looks for the first time, and reads what the stream holds then.
func (f *Feed) start(ctx context.Context, look *lookout) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := f.begin(ctx); err != nil {
		return err
	}
	f.times.Get(late) // which has it learned
	if err := look.look(ctx, nil); err != nil {
		return err
	}
	kept, err := f.kept(ctx)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.memory, f.last, f.gap, f.oldest = kept.events, kept.last, kept.gap, Place{}
	if kept.read >= mostKept { // the stream was trimmed
		f.oldest = kept.first
	}
	f.idleSince, f.sick = time.Now(), false
	return nil
}

// read hands out what comes, until ctx ends or Redis has lost what came before.
func (f *Feed) read(ctx context.Context) error {
	f.mu.Lock()
	last := f.last
	f.mu.Unlock()
	sick := false
	for ctx.Err() == nil {
		if sick {
			there, err := f.holds(ctx, last)
			if err == nil && !there {
				return errLost
			}
			if err == nil {
				sick = false
				f.setSick(false)
			}
		}
		n, err := f.next(ctx, last)
		if err != nil {
			sick = true
			f.setSick(true)
			pause(ctx, retry)
			continue
		}
		last = n.last
		f.take(n)
	}
	return ctx.Err()
}

// tail looks again and again, until ctx ends or no stream is open.
func (f *Feed) tail(ctx context.Context, look *lookout) error {
	failed := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookEvery):
		case <-f.soon:
		}
		if f.isIdle() {
			return errIdle
		}
		hints := f.takeHints()
		err := look.look(ctx, hints)
		if err != nil {
			f.keepHints(hints)
			if !failed && ctx.Err() == nil {
				f.log.Info().Err(err).Msg("live events come later: what moved cannot be read or told now")
			}
		}
		failed = err != nil
		pause(ctx, lookSoon)
	}
}

// tellHints tells all processes of the hints that this one was given.
func (f *Feed) tellHints(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case video := <-f.hints:
			within, cancel := context.WithTimeout(ctx, hintTime)
			_ = f.hint(within, video)
			cancel()
		}
	}
}

// ready waits until the first look is done.
func (f *Feed) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		f.mu.Lock()
		up, ended, changed := f.up, f.ended, f.changed
		f.mu.Unlock()
		switch {
		case ended:
			return fault.New(fault.Unavailable, "this heyq stops").WithHint("try again in a moment")
		case up:
			return nil
		}
		select {
		case f.wanted <- struct{}{}:
		default:
		}
		select {
		case <-ctx.Done():
			return errAway(ctx.Err())
		case <-changed:
		}
		f.mu.Lock()
		failure := f.failure
		f.mu.Unlock()
		if failure != nil {
			return errAway(failure)
		}
	}
}

func (f *Feed) setUp(up bool, failure error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.up, f.failure = up && !f.ended, failure
	if !up {
		f.memory, f.hinted = nil, nil
	}
	select { // who waits is heard
	case <-f.wanted:
	default:
	}
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *Feed) setSick(sick bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sick = sick
}

func (f *Feed) isIdle() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.streams == 0 && time.Since(f.idleSince) > linger
}

func (f *Feed) takeHints() []uuid.UUID {
	f.mu.Lock()
	defer f.mu.Unlock()
	hints := f.hinted
	f.hinted = nil
	return hints
}

func (f *Feed) keepHints(hints []uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hinted = append(f.hinted, hints[:min(len(hints), max(0, mostHints-len(f.hinted)))]...)
}

func (f *Feed) stop() {
	f.mu.Lock()
	f.ended = true
	f.mu.Unlock()
	f.setUp(false, nil)
	f.endAll(Stopped)
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
