package chaos

import (
	"fmt"
	"strings"
	"time"
)

var (
	fiveTimes = []time.Duration{3 * time.Second, 7 * time.Second, 11 * time.Second, 15 * time.Second, 19 * time.Second}
	twice     = []time.Duration{4 * time.Second, 12 * time.Second}
	once      = []time.Duration{6 * time.Second}
)

func workerScenarios() []Scenario {
	return []Scenario{
		{
			Name:   "worker-kill9",
			Proves: "a dead worker's videos run elsewhere within 25 s, with heyq's own lease of 20 s",
			prepare: busy(300, time.Minute, func(o *Options) {
				o.Slots, o.CreateTime, o.Timing.CreateTimeout = 60, 6*time.Second, 30*time.Second
				o.Timing.Lease, o.Timing.Redispatch, o.Timing.Grace = 0, 0, 0
			}),
			script: at(lasting(ofWorker("worker-kill9", short, kill, start), 5*time.Second), 5*time.Second, 17*time.Second, 29*time.Second, 41*time.Second, 53*time.Second),
			expect: all(completed, sampled(30), recoveredWithin(25*time.Second), noAttemptBurned),
		},
		{
			Name:   "worker-kill9-before-create",
			Proves: "a create that never reached HeyGen is sent by another worker, once",
			script: at(ofWorker("worker-kill9-before-create", short, killAt(beforeCreate), start), fiveTimes...),
			expect: all(completed, struck(2)),
		},
		{
			Name:   "worker-kill9-after-accept",
			Proves: "a create that HeyGen accepted and heyq did not write down is found again, and not paid twice",
			script: at(ofWorker("worker-kill9-after-accept", short, killAt(afterAccept), start), fiveTimes...),
			expect: all(completed, struck(2), resent),
		},
		{
			Name:   "worker-kill9-after-row",
			Proves: "a render whose worker dies as it is accepted is watched by another",
			script: at(ofWorker("worker-kill9-after-row", short, killAt(afterRow), start), fiveTimes...),
			expect: all(completed, struck(2)),
		},
		{
			Name:   "worker-kill9-mid-download",
			Proves: "half a file is thrown away and the whole one fetched; no part of it is left",
			script: at(ofWorker("worker-kill9-mid-download", short, killAt(midDownload), start), fiveTimes...),
			expect: all(completed, struck(2)),
		},
		{
			Name:   "worker-kill9-after-file",
			Proves: "a file that was published and not written down is published again under another run",
			script: at(ofWorker("worker-kill9-after-file", short, killAt(afterFile), start), fiveTimes...),
			expect: all(completed, struck(1), publishedTwice),
		},
		{
			Name:    "worker-sigterm",
			Proves:  "a worker that is told to stop is gone in ten seconds, hands its videos back and burns no attempt",
			prepare: busy(200, 30*time.Second, nil),
			script:  at(ofWorker("worker-sigterm", short, term, start), 5*time.Second, 12*time.Second, 19*time.Second, 26*time.Second),
			expect:  all(completed, sampled(4), goneInTime, noAttemptBurned),
		},
		{
			Name:    "worker-sigterm-redis-silent",
			Proves:  "a worker stops as well while Redis does not answer",
			prepare: busy(60, 20*time.Second, nil),
			script: func(o Options) []Fault {
				silent := at(lasting(onRedis("redis-silent", outage, redisSilent, redisHeal), 15*time.Second), 5*time.Second)
				return append(silent(o), at(ofWorker("worker-sigterm", short, term, start), 9*time.Second)(o)...)
			},
			expect: all(completed, goneInTime, noAttemptBurned),
		},
		{
			Name:    "worker-sigstop-zombie",
			Proves:  "a worker that stands still for 60 s loses its videos to others, and what it writes afterwards changes nothing",
			prepare: busy(300, time.Minute, func(o *Options) { o.Timing.Grace = 3 * time.Minute }),
			script:  at(lasting(ofWorker("worker-sigstop", short, freeze, thaw), time.Minute), 10*time.Second),
			expect:  all(completed, sampled(2)),
		},
		{
			Name:   "api-kill9",
			Proves: "a request that was cut off and repeated makes one video",
			script: at(ofProcess("api-kill9", theAPI, kill), fiveTimes...),
			expect: completed,
		},
		{
			Name:   "scheduler-kill9",
			Proves: "another scheduler takes over, and no job runs twice a tick",
			script: at(ofProcess("scheduler-kill9", aScheduler, kill), fiveTimes...),
			expect: completed,
		},
	}
}

// busy gives the workers more to do at once: creates and files take longer, and
// more of them are under way.
func busy(videos int, lasts time.Duration, more func(*Options)) func(*Options) {
	return func(o *Options) {
		o.Videos, o.Span, o.Slots, o.CreateTime = videos, lasts, 30, 2*time.Second
		o.Timing.CreateTimeout = 10 * time.Second
		if more != nil {
			more(o)
		}
	}
}

// resent expects that a create came a second time.
func resent(e evidence, x *Expectation) {
	if creates := e.ledger.Calls["create"]; creates <= int64(len(e.ledger.Renders)) {
		x.breach(fmt.Sprintf("%d creates for %d renders: nothing was sent twice, this run shows nothing", creates, len(e.ledger.Renders)))
	}
}

// publishedTwice expects that some video has files under two runs.
func publishedTwice(e evidence, x *Expectation) {
	if e.prefixes <= len(e.completedRows()) {
		x.breach(fmt.Sprintf("%d folders for %d completed videos: nothing was published twice, this run shows nothing", e.prefixes, len(e.completedRows())))
	}
}

// goneInTime expects that each process that was told to stop did so in ten
// seconds.
func goneInTime(e evidence, x *Expectation) {
	for _, s := range e.strikes {
		if took, ok := strings.CutPrefix(s.Said, goneAfter); ok {
			if d, err := time.ParseDuration(took); err != nil || d > 10*time.Second {
				x.breach(s.On + " was gone only after " + took)
			}
		}
	}
}

// noAttemptBurned expects that no row counted a failure: nothing but processes
// failed.
func noAttemptBurned(e evidence, x *Expectation) {
	for id, list := range e.tape {
		for n := 1; n < len(list); n++ {
			if list[n].Attempt > list[n-1].Attempt {
				x.breach(fmt.Sprintf("%s counted an attempt at %s (by %s)", id, list[n].At.Format(time.TimeOnly), list[n].Writer))
			}
		}
	}
}
