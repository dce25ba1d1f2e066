package chaos

import (
	"fmt"
	"time"
)

func redisScenarios() []Scenario {
	list := []Scenario{
		{
			Name: "redis-restart", Proves: "a Redis that comes back with its data goes on where it was",
			script: at(onRedis("redis-restart", blink, redisStop, redisStart), twice...), expect: completed,
		},
		{
			Name: "redis-crash", Proves: "so does one that crashed",
			script: at(onRedis("redis-crash", blink, redisKill, redisStart), twice...), expect: completed,
		},
		{
			Name: "redis-restart-empty", Proves: "a Redis that comes back empty costs nothing but the time to send everything again",
			prepare: busy(120, 30*time.Second, queueing),
			script:  at(onRedis("redis-restart-empty", blink, redisKill, redisStartEmpty), fiveTimes...),
			expect:  all(completed, sampled(50), recoveredWithin(5*time.Second)),
		},
		{
			Name: "redis-flushall", Proves: "FLUSHALL under load: everything is sent again within 5 s",
			prepare: busy(120, 30*time.Second, queueing),
			script:  at(onRedis("redis-flushall", span{}, redisFlush, nil), 4*time.Second, 8*time.Second, 12*time.Second, 16*time.Second, 20*time.Second, 24*time.Second),
			expect:  all(completed, sampled(50), recoveredWithin(5*time.Second)),
		},
		{
			Name: "redis-away-10s", Proves: "Redis away for 10 s: requests are taken throughout, and the work goes on afterwards",
			script: at(lasting(onRedis("redis-refuses", outage, redisCut, redisMend), 10*time.Second), once...),
			expect: all(completed, neverUnavailable),
		},
		{
			Name: "redis-away-60s", Proves: "Redis away for 60 s: idle workers stay under 20 % of a core and 10 log lines a second, the API answers 202 throughout",
			prepare: func(o *Options) { o.Videos, o.Span = 60, 80*time.Second },
			script:  at(lasting(onRedis("redis-refuses", outage, redisCut, redisMend), time.Minute), 5*time.Second),
			expect:  all(completed, neverUnavailable, frugal),
		},
		{
			Name: "redis-silent-10s", Proves: "a Redis that takes connections and never answers is no worse",
			script: at(lasting(onRedis("redis-silent", outage, redisSilent, redisHeal), 10*time.Second), once...),
			expect: all(completed, neverUnavailable),
		},
		{
			Name: "redis-replies-dropped", Proves: "an enqueue, dequeue or acknowledgement whose reply is lost is harmless",
			script: at(onRedis("redis-replies-dropped", moment, redisRepliesDropped, redisHeal), twice...), expect: completed,
		},
		{
			Name: "redis-resets", Proves: "so is one whose connection is reset",
			script: at(onRedis("redis-resets", moment, redisResets, redisHeal), twice...), expect: completed,
		},
		{
			Name: "redis-oom", Proves: "a Redis out of memory keeps videos waiting in the database, and loses none",
			script: at(onRedis("redis-oom", outage, redisFull, redisRoom), twice...), expect: all(completed, neverUnavailable),
		},
		{
			Name: "redis-readonly", Proves: "so does one that has become a read-only replica",
			script: at(onRedis("redis-readonly", outage, redisReplica, redisMaster), twice...), expect: all(completed, neverUnavailable),
		},
	}
	return list
}

// queueing has more videos admitted than workers can send at once, so that
// their tasks wait in Redis.
func queueing(o *Options) {
	o.Slots = 60
	o.WorkerEnviron = func(int) []string { return []string{"HEYQ_CREATE_CONCURRENCY=2"} }
}

func postgresScenarios() []Scenario {
	return []Scenario{
		{
			Name: "postgres-restart", Proves: "a restart under load loses nothing",
			script: at(onPostgres("postgres-restart", blink, postgresStop, postgresStart), twice...), expect: completed,
		},
		{
			Name: "postgres-crash", Proves: "nor does a crash",
			script: at(onPostgres("postgres-crash", blink, postgresKill, postgresStart), twice...), expect: completed,
		},
		{
			Name: "postgres-connections-killed", Proves: "nor does the end of every connection, in the middle of whatever it was doing",
			script: at(onPostgres("postgres-connections-killed", span{}, postgresTerminate, nil), fiveTimes...), expect: completed,
		},
		{
			Name: "postgres-no-connections", Proves: "a Postgres that takes no connections any more is waited for",
			script: at(onPostgres("postgres-no-connections", outage, postgresShutOut, postgresLetIn), twice...), expect: completed,
		},
		{
			Name: "postgres-commit-answer-lost", Proves: "a commit whose answer is lost is neither done twice nor taken for undone",
			script: at(onPostgres("postgres-commit-answer-lost", moment, postgresAnswersLost, postgresHeal), twice...), expect: completed,
		},
		{
			Name: "postgres-resets", Proves: "so is one whose connection is reset",
			script: at(onPostgres("postgres-resets", moment, postgresResets, postgresHeal), twice...), expect: completed,
		},
		{
			Name: "postgres-slow-commits", Proves: "commits that take up to 5 s let leases run out, and bill nothing twice",
			script: at(postgresSlowCommits, once...), expect: completed,
		},
		{
			Name: "postgres-away", Proves: "Postgres away for 10 s: the API answers 503 with Retry-After within 2 s, and everything goes on afterwards",
			prepare: func(o *Options) { o.Prober = true },
			script:  at(lasting(onPostgres("postgres-refuses", outage, postgresCut, postgresMend), 10*time.Second), once...),
			expect:  all(completed, refusedInTime),
		},
		{
			Name: "postgres-silent-10s", Proves: "the same if Postgres takes connections and never answers",
			prepare: func(o *Options) { o.Prober = true },
			script:  at(lasting(onPostgres("postgres-silent", outage, postgresSilent, postgresHeal), 10*time.Second), once...),
			expect:  all(completed, refusedInTime),
		},
	}
}

// neverUnavailable expects that each request was taken at the first try.
func neverUnavailable(e evidence, x *Expectation) {
	if e.unavailable > 0 {
		x.breach(fmt.Sprintf("the API could not take %s", count(int(e.unavailable), "try")))
	}
}

// What an idle worker may cost while Redis is away.
const (
	mostCPU   = 0.2 // of a core
	mostLines = 10  // a second
)

// frugal expects that outages cost little.
func frugal(e evidence, x *Expectation) {
	for _, s := range e.strikes {
		if s.Cost == nil {
			x.breach(s.Name + ": what it cost was not measured")
			continue
		}
		x.Checked = fmt.Sprintf("%.1f %% of a core, %.1f log lines a second", 100*s.Cost.CPU, s.Cost.Lines)
		if s.Cost.CPU > mostCPU || s.Cost.Lines > mostLines {
			x.breach(fmt.Sprintf("%s: the worker that cost most took %s", s.Name, x.Checked))
		}
	}
}

// refusedInTime expects that what the API could not do it said so, in time and
// with the word when to ask again.
func refusedInTime(e evidence, x *Expectation) {
	const inTime = 2 * time.Second
	refused, slowest := 0, time.Duration(0)
	for _, p := range e.probes {
		if p.OK {
			continue
		}
		refused++
		slowest = max(slowest, p.Took)
		if p.Status != 503 || p.RetryAfter == "" || p.Took > inTime {
			x.breach(fmt.Sprintf("at %s: %d, Retry-After %q, after %s", p.At.Format(time.TimeOnly), p.Status, p.RetryAfter, p.Took.Round(time.Millisecond)))
		}
	}
	x.Checked = fmt.Sprintf("%d probes refused, the slowest after %s", refused, slowest.Round(time.Millisecond))
	if refused == 0 {
		x.breach("no probe was refused: this run shows nothing")
	}
}
