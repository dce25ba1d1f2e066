package stats

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Type is a sort of operation.
type Type string

// The types.
const (
	Database       Type = "database"        // a statement or several, or the begin or commit of a transaction
	HTTPRequest    Type = "http_request"    // to HeyGen, a file's host or a receiver, until the head of the answer
	FileOperation  Type = "file_operation"  // on the media store, be it a folder or a bucket
	RedisOperation Type = "redis_operation" // a command, or a pipeline of them
)

// Types lists them all.
var Types = []Type{Database, HTTPRequest, FileOperation, RedisOperation}

// Outcome is how an operation ended.
type Outcome string

// The outcomes.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
)

var outcomes = [...]Outcome{Success, Failure}

func outcomeOf(failed bool) int {
	if failed {
		return 1
	}
	return 0
}

// The histograms count microseconds, to two digits: a duration is known to
// within 1 %. Changing any of them changes what their counts mean, and so wants
// another version of the shared key.
const (
	unit    = time.Microsecond
	longest = time.Hour // what takes longer counts as that long
	digits  = 2
)

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, int64(longest/unit), digits)
}

// tally is what is known of the operations of one name and outcome.
type tally struct {
	histogram *hdrhistogram.Histogram
	sum       time.Duration
	max       time.Duration
}

func newTally() *tally { return &tally{histogram: newHistogram()} }

func (t *tally) add(took time.Duration) {
	took = max(took, 0)
	_ = t.histogram.RecordValue(int64(min(took, longest) / unit)) // in range, so it is taken
	t.sum += took
	t.max = max(t.max, took)
}

func (t *tally) merge(other *tally) {
	t.histogram.Merge(other.histogram)
	t.sum += other.sum
	t.max = max(t.max, other.max)
}

// operation is one name at one edge, with a tally of each outcome once there is
// one. Its lock is held for some tens of nanoseconds.
type operation struct {
	mu      sync.Mutex
	tallies [len(outcomes)]*tally
}

func (o *operation) add(outcome int, took time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.tallies[outcome]
	if t == nil {
		t = newTally()
		o.tallies[outcome] = t
	}
	t.add(took)
}
