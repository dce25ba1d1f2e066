package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"heyq/bench/internal/rig"
)

// options are the flags. Those of the worker are chosen for an instant HeyGen
// on the same machine, and not for production.
type options struct {
	*rig.Flags
	videos, warmUp int
	queued         []int
	compare        string // one of variants; empty: nothing is compared
	against        string // an older heyq to compare with
	heyq           string // the one that is measured
	pairs          int
	scrape         bool // Prometheus comes by
	live           bool
	plain          bool
	json, detail   bool
	dir            string // a run makes a folder in it

	workers                                 int
	slots, window                           int
	create, poll, download, analytics       int
	pollInterval                            time.Duration
	workerSettings, apiSettings, dbSettings pairs
}

// pairs are NAME=VALUE, given any number of times.
type pairs []string

func (p *pairs) String() string { return strings.Join(*p, " ") }

func (p *pairs) Set(pair string) error {
	if name, _, ok := strings.Cut(pair, "="); !ok || name == "" {
		return errors.New("wants NAME=VALUE")
	}
	*p = append(*p, pair)
	return nil
}

func parse(args []string, stderr io.Writer) (options, error) {
	// What the caller sets comes later in the list, and so wins.
	o := options{dbSettings: pairs{"shared_buffers=128MB"}} // Postgres' own default
	f := rig.NewFlags("pipeline", stderr, 10*time.Minute)
	f.TakesHeyq()
	o.Flags = f
	f.IntVar(&o.videos, "videos", 20_000, "how many videos are timed")
	f.IntVar(&o.warmUp, "warm-up", 200, "how many go through before, untimed")
	f.BoolVar(&o.live, "live", false, "insert while the workers work, instead of before")
	f.BoolVar(&o.plain, "plain", false, "the simulator gives the video file alone, without thumbnail")
	f.BoolVar(&o.json, "json", false, "print one JSON object")
	f.BoolVar(&o.detail, "detail", false, "also tell which statements and Redis commands cost most; costs a little itself")
	f.Func("queued", "`counts` such as 1000,100000: measure memory while that many are queued, and nothing else", func(s string) (err error) {
		o.queued, err = numbers(s)
		return err
	})

	f.StringVar(&o.compare, "compare", "", "measure with and without `something` in turn, and compare: "+strings.Join(slices.Sorted(maps.Keys(variants)), ", "))
	f.StringVar(&o.against, "against", "", "an older heyq `binary`: measure this one and that one in turn, and compare")
	f.IntVar(&o.pairs, "pairs", 3, "how often -compare and -against measure each side")

	f.IntVar(&o.workers, "workers", 1, "worker processes")
	f.IntVar(&o.slots, "slots", 2000, "render slots, at heyq and at the simulator (HEYGEN_CONCURRENCY)")
	f.IntVar(&o.window, "window", 1000, "videos pending in Redis for each queue (HEYQ_WINDOW)")
	f.IntVar(&o.create, "create-concurrency", 64, "creates in flight in a worker (HEYQ_CREATE_CONCURRENCY)")
	f.IntVar(&o.poll, "poll-concurrency", 4, "status calls in flight in a worker (HEYQ_POLL_CONCURRENCY)")
	f.IntVar(&o.download, "download-concurrency", 32, "downloads in flight in a worker (HEYQ_DOWNLOAD_CONCURRENCY)")
	f.IntVar(&o.analytics, "analytics-concurrency", 4, "analyses in flight in a worker (HEYQ_ANALYTICS_CONCURRENCY)")
	f.DurationVar(&o.pollInterval, "poll-interval", 250*time.Millisecond, "time to the first look at a render (HEYQ_POLL_INTERVAL)")
	f.Var(&o.workerSettings, "worker-env", "another `NAME=VALUE` for the workers' environment; may be repeated")
	f.Var(&o.apiSettings, "api-env", "another `NAME=VALUE` for the API's environment; may be repeated")
	f.Var(&o.dbSettings, "postgres", "a `name=value` of Postgres' configuration; may be repeated")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if _, known := variants[o.compare]; o.compare != "" && !known {
		return o, fmt.Errorf("-compare knows no %q", o.compare)
	}
	if o.compare != "" && o.against != "" {
		return o, errors.New("-compare or -against, and not both")
	}
	if o.pairs < 1 {
		return o, errors.New("-pairs must be 1 or more")
	}
	if min(o.videos, o.workers, o.slots) < 1 || o.warmUp < 0 {
		return o, errors.New("-videos, -workers and -slots must be 1 or more, -warm-up 0 or more")
	}
	return o, nil
}

func numbers(list string) ([]int, error) {
	var all []int
	for word := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no count", word)
		}
		all = append(all, n)
	}
	return all, nil
}

// workerEnv is what the flags say of a worker.
func (o options) workerEnv() []string {
	return append([]string{
		"HEYQ_WINDOW=" + strconv.Itoa(o.window),
		"HEYQ_CREATE_CONCURRENCY=" + strconv.Itoa(o.create),
		"HEYQ_POLL_CONCURRENCY=" + strconv.Itoa(o.poll),
		"HEYQ_DOWNLOAD_CONCURRENCY=" + strconv.Itoa(o.download),
		"HEYQ_ANALYTICS_CONCURRENCY=" + strconv.Itoa(o.analytics),
		"HEYQ_POLL_INTERVAL=" + o.pollInterval.String(),
	}, o.workerSettings...)
}
