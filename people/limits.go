package people

import (
	"cmp"
	"context"
	"maps"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
	"golang.org/x/sync/singleflight"

	"heyq/internal/check"
	"heyq/internal/policy"
	"heyq/store"
	"heyq/wire"
)

// Action is what the requests of a user are counted as.
type Action string

// The actions.
const (
	CreateVideo Action = "video_create" // one for each video
	Read        Action = "read"         // any other request; in a list, one for each of its items
)

// usualLimits are those of a user for whom none was set.
var usualLimits = map[Action]store.Limit{
	CreateVideo: {Amount: 600, Period: time.Minute},
	Read:        {Amount: 6000, Period: time.Minute},
}

// limitMemory is how long a process believes what it read of a user's limits.
const limitMemory = 2 * time.Second

// Limits bound what each user may do within a time, over all processes on one Redis and
// whatever keys the user has. While Redis is away nothing is bounded. A nil Limits bounds
// nothing either. It is safe for concurrent use.
type Limits struct {
	store    store.Limits
	counters *redis_rate.Limiter // nil: nothing is counted
	away     policy.Away
	known    *expirable.LRU[string, map[Action]store.Limit]
	loads    singleflight.Group
	log      zerolog.Logger // a line a minute at most
	requests *prometheus.CounterVec
}

// NewLimits returns the limits of a store, which are counted in Redis. Without it (nil)
// nothing is bounded. A request waits for the answer of each with that much patience, or
// policy.UsualPatience if it is 0: then the usual limits hold, or none.
func NewLimits(s store.Limits, r redis.UniversalClient, patience time.Duration, log zerolog.Logger) *Limits {
	patience = cmp.Or(patience, policy.UsualPatience)
	l := &Limits{
		store: s, away: policy.Away{Patience: patience}, known: expirable.NewLRU[string, map[Action]store.Limit](mostRemembered, nil, limitMemory),
		log: log.Sample(&zerolog.BurstSampler{Burst: 1, Period: time.Minute}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "heyq_limited_requests_total", Help: "Requests of users who have a limit, by what became of them: passed, refused, or passed uncounted as Redis was away.",
		}, []string{"action", "outcome"}),
	}
	if r != nil {
		l.counters = redis_rate.NewLimiter(r)
	}
	return l
}

// Collector is what is counted of them.
func (l *Limits) Collector() prometheus.Collector { return l.requests }

// Taken is what came of an attempt to do something.
type Taken struct {
	Action  Action
	Limit   store.Limit
	Counted bool          // false: there is no limit, or it could not be asked about
	Left    int           // how much more may be done at once
	Full    time.Duration // until the whole of the limit may be done at once
	Wait    time.Duration // above zero: it may not be done now, and may be after this
	Never   bool          // it is more than may be done at once
}

// Take counts n of an action against the limit of a user, all of it or nothing. It asks
// Redis once.
func (l *Limits) Take(ctx context.Context, user string, a Action, n int) Taken {
	if l == nil || l.counters == nil {
		return Taken{Action: a}
	}
	limit, limited := l.of(ctx, user)[a]
	t := Taken{Action: a, Limit: limit}
	switch {
	case !limited:
		return t
	case n > limit.Amount:
		t.Never = true
		l.count(a, "refused")
		return t
	}
	answer, err := policy.Ask(ctx, &l.away, func(ctx context.Context) (*redis_rate.Result, error) {
		return l.counters.AllowN(ctx, "user:"+user+":"+string(a), redis_rate.Limit{Rate: limit.Amount, Burst: limit.Amount, Period: limit.Period}, n)
	})
	if err != nil {
		l.count(a, "uncounted")
		l.log.Warn().Err(err).Msg("Redis does not answer; the requests of users are not limited until it does")
		return t
	}
	t.Counted, t.Left, t.Full = true, answer.Remaining, answer.ResetAfter
	if answer.Allowed == 0 && n > 0 {
		t.Wait = max(answer.RetryAfter, time.Millisecond)
		l.count(a, "refused")
		return t
	}
	l.count(a, "passed")
	return t
}

func (l *Limits) count(a Action, outcome string) {
	l.requests.WithLabelValues(string(a), outcome).Inc()
}

// of returns the limits that hold for a user. Requests that wait for the same user's
// share one reading.
func (l *Limits) of(ctx context.Context, user string) map[Action]store.Limit {
	if known, ok := l.known.Get(user); ok {
		return known
	}
	read, _, _ := l.loads.Do(user, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.away.Patience)
		defer cancel()
		set, _ := l.store.Limits(ctx, user) // without an answer: as if nothing was set
		limits := holding(user, set)
		l.known.Add(user, limits)
		return limits, nil
	})
	limits, _ := read.(map[Action]store.Limit)
	return limits
}

// holding is what was set for a user, over what is usual. Nothing is usual for the holder
// of the operator token: what looks after the installation must not be kept out of it by
// the imports that run under the same token, and who has it could lift the limit anyway.
func holding(user string, set map[string]store.Limit) map[Action]store.Limit {
	limits := map[Action]store.Limit{}
	if user != store.DefaultUser {
		maps.Copy(limits, usualLimits)
	}
	for action, limit := range set {
		limits[Action(action)] = limit
	}
	return limits
}

// Get returns the limits that hold for a user.
func (l *Limits) Get(ctx context.Context, user string) (wire.Limits, error) {
	set, err := l.store.Limits(ctx, user)
	return shownLimits(user, holding(user, set)), err
}

// The bounds of what may be set.
const (
	mostAmount  = 1_000_000
	mostSeconds = 24 * 60 * 60
	maxUser     = 200
)

// Set sets the limits of a user; what c leaves out is as usual. All processes keep to
// them within two seconds. The error is a fault.Invalid that names every wrong field.
func (l *Limits) Set(ctx context.Context, user string, c wire.LimitsChange) (wire.Limits, error) {
	f := check.New("the limits are not valid")
	f.Line("user_id", user, maxUser)
	set := map[string]store.Limit{}
	take := func(a Action, limit *wire.Limit) {
		if limit == nil {
			return
		}
		if limit.Amount < 1 || limit.Amount > mostAmount {
			f.Wrong(string(a)+".amount", limit.Amount, "is out of range; give 1 to %d", mostAmount)
		}
		if limit.Seconds < 1 || limit.Seconds > mostSeconds {
			f.Wrong(string(a)+".seconds", limit.Seconds, "is out of range; give 1 to %d", mostSeconds)
		}
		set[string(a)] = store.Limit{Amount: limit.Amount, Period: time.Duration(limit.Seconds) * time.Second}
	}
	take(CreateVideo, c.VideoCreate)
	take(Read, c.Read)
	if err := f.Err(); err != nil {
		return wire.Limits{}, err
	}
	err := l.store.SetLimits(ctx, user, set)
	l.known.Remove(user)
	return shownLimits(user, holding(user, set)), err
}

func shownLimits(user string, limits map[Action]store.Limit) wire.Limits {
	of := func(a Action) *wire.Limit {
		l, ok := limits[a]
		if !ok {
			return nil
		}
		return &wire.Limit{Amount: l.Amount, Seconds: int(l.Period / time.Second)}
	}
	return wire.Limits{UserID: user, VideoCreate: of(CreateVideo), Read: of(Read)}
}
