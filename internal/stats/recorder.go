package stats

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// Other is the name of the operations that found no place for one of their own.
const Other = "other"

// mostNames bounds the names of a type. An edge gives names of a small set; this
// keeps a mistake there from growing without end.
const mostNames = 128

// Options configures a Recorder.
type Options struct {
	// Slow is from which duration on an operation of a type is logged. A type
	// that is absent is never slow.
	Slow map[Type]time.Duration

	Logger zerolog.Logger
}

// Recorder counts the operations of a process. It is safe for concurrent use.
type Recorder struct {
	since time.Time
	edges map[Type]*edge // one for each type, from the start
	slow  map[Type]*slow
}

// edge holds the operations of a type. Names are looked up without a lock: the
// map is never written, but replaced when a name is new, which is seldom.
type edge struct {
	names atomic.Pointer[map[string]*operation]
	grow  sync.Mutex
}

// New returns a Recorder.
func New(o Options) *Recorder {
	r := &Recorder{since: time.Now(), edges: map[Type]*edge{}, slow: map[Type]*slow{}}
	for _, t := range Types {
		e := &edge{}
		e.names.Store(&map[string]*operation{})
		r.edges[t] = e
		r.slow[t] = newSlow(t, o.Slow[t], o.Logger)
	}
	return r
}

// Record counts an operation. The name says what was done, of a small set; err
// is why it failed, and nil if it did not: an answer that was not the one
// hoped for is no failure of the operation.
func (r *Recorder) Record(t Type, name string, err error, took time.Duration) {
	r.edges[t].operation(name).add(outcomeOf(err != nil), took)
	r.slow[t].see(name, err, took)
}

func (e *edge) operation(name string) *operation {
	if o, ok := (*e.names.Load())[name]; ok {
		return o
	}
	return e.add(name)
}

// add finds a place for a new name.
func (e *edge) add(name string) *operation {
	e.grow.Lock()
	defer e.grow.Unlock()
	known := *e.names.Load()
	if len(known) >= mostNames-1 { // the last place is Other's
		name = Other
	}
	if o, ok := known[name]; ok {
		return o
	}
	o := &operation{}
	grown := maps.Clone(known)
	grown[name] = o
	e.names.Store(&grown)
	return o
}
