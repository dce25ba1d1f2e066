package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"heyq/config"
	"heyq/heygen"
	"heyq/internal/fault"
	"heyq/internal/policy"
	"heyq/wire"
)

// Severity is how bad a finding is.
type Severity string

// The severities, from good to bad.
const (
	Fine    Severity = "fine"
	Note    Severity = "note"    // nothing is wrong, and somebody may want to know
	Warning Severity = "warning" // heyq works, though not as it should
	Broken  Severity = "broken"  // heyq does not work, or will not for long
)

// Finding is one thing that the doctor has looked at.
type Finding struct {
	Check     string   `json:"check"` // what was looked at: store, redis, …
	Severity  Severity `json:"severity"`
	What      string   `json:"what"`                 // what was found
	Remedy    string   `json:"remedy,omitempty"`     // what to do about it; empty: nothing
	LatencyMS float64  `json:"latency_ms,omitempty"` // how long the answer took; 0: nobody was asked
}

// DoctorOptions says whom to examine.
type DoctorOptions struct {
	Environ []string
	// Running asks the heyq at HEYQ_URL how it is; a fault.Unavailable: none
	// answers.
	Running func(context.Context) (wire.Readiness, error)
}

// Examine looks at everything that a heyq of this environment needs, from where
// it runs, and at the one that runs. It works without one, changes nothing that
// matters, and creates nothing at HeyGen. What it finds comes in a fixed order.
func Examine(ctx context.Context, o DoctorOptions) []Finding {
	d := &doctor{wrong: map[string]bool{}}
	list := d.configuration(o.Environ)
	list = append(list, d.running(ctx, o.Running)...)
	defer d.close()
	list = append(list, d.examineStore(ctx)...) // the others use it
	parts := []func(context.Context) []Finding{d.examineRedis, d.examineQueues, d.examineInstallation, d.examineHeyGen, d.examineWebhooks, d.examineMedia, d.examineDisk}
	found := make([][]Finding, len(parts))
	var all sync.WaitGroup
	for i, part := range parts {
		all.Go(func() {
			patient, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			found[i] = part(patient)
		})
	}
	all.Wait()
	return slices.Concat(append([][]Finding{list}, found...)...)
}

// patience is how long each part of an examination may take.
const patience = 10 * time.Second

// doctor is one examination.
type doctor struct {
	config config.Config
	wrong  map[string]bool // variables that have a problem

	ready  *wire.Readiness // what the running heyq says of itself; nil: none answers
	store  Store           // nil: it cannot be asked
	modern bool            // its schema is this heyq's
	redis  func() redis.UniversalClient
}

// configuration finds every problem and every warning.
func (d *doctor) configuration(environ []string) (list []Finding) {
	c, warnings, err := config.Load(environ)
	d.config = c
	d.redis = sync.OnceValue(func() redis.UniversalClient { return prefixOf(c.Redis.Prefix).on(redisClient(c.Redis.Target)) })
	if f, ok := errors.AsType[*fault.Error](err); ok {
		for _, field := range f.Fields {
			d.wrong[field.Name] = true
			list = append(list, Finding{
				Check: "configuration", Severity: Broken, What: field.Name + ": " + field.Message, Remedy: "mend the variable; docs/config.md describes it",
			})
		}
	}
	for _, w := range warnings {
		list = append(list, Finding{Check: "configuration", Severity: Warning, What: w.String(), Remedy: "change or unset it; docs/config.md says what is safe"})
	}
	if len(list) == 0 {
		list = append(list, Finding{Check: "configuration", Severity: Fine, What: "no problem and no warning"})
	}
	return list
}

// without says that a check was left out, if a variable that it needs is wrong.
func (d *doctor) without(check string, variables ...string) []Finding {
	for _, name := range variables {
		if d.wrong[name] || d.wrong[name+"_FILE"] {
			return []Finding{{Check: check, Severity: Note, What: "was not looked at, since " + name + " is wrong"}}
		}
	}
	return nil
}

// running asks the heyq that runs, which sees what cannot be seen from here.
func (d *doctor) running(ctx context.Context, ask func(context.Context) (wire.Readiness, error)) []Finding {
	const check = "running"
	if skip := d.without(check, "HEYQ_URL"); skip != nil {
		return skip
	}
	at := d.config.HTTP.URL
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ready, took, err := timed(func() (wire.Readiness, error) { return ask(ctx) })
	if err != nil {
		return []Finding{{
			Check: check, Severity: Note, What: message(err),
			Remedy: "if one runs elsewhere, set HEYQ_URL to where it listens; `heyq up` starts one",
		}}
	}
	d.ready = &ready
	var list []Finding
	for _, name := range sortedKeys(ready.Checks) {
		h := ready.Checks[name]
		f := Finding{Check: check, What: "it says of " + name + ": " + cmp.Or(h.Reason, string(h.Status)+"; why, it tells who shows HEYQ_OPERATOR_TOKEN"), LatencyMS: h.LatencyMS, Remedy: remedyFor(name)}
		switch h.Status {
		case wire.Healthy:
			continue
		case wire.Degraded:
			f.Severity = Warning
		default:
			f.Severity = Broken
		}
		list = append(list, f)
	}
	if len(list) == 0 {
		list = append(list, Finding{Check: check, Severity: Fine, What: "the heyq at " + at + " is " + string(ready.Status), LatencyMS: took})
	}
	return list
}

// remedyFor is what to do where a running heyq says that something ails.
func remedyFor(check string) string {
	switch check {
	case "store":
		return "see whether the database runs, and whether this heyq reaches it"
	case "redis":
		return "see whether Redis runs, and whether this heyq reaches it; videos wait in the store meanwhile"
	case "heygen":
		return "see what is said of heygen below; the answer is a minute old at most"
	case "media":
		return "see whether the folder or the bucket is there, and may be written"
	case "dispatcher":
		return "see `heyq queues list`: start a worker, resume what is paused, or add workers"
	case "scheduler":
		return "start `heyq scheduler`, and see in `heyq queues list` that maintenance is not paused"
	case "disk":
		return "make room, or point HEYQ_DIR and HEYQ_MEDIA_URL to a larger disk"
	}
	return "see the log of that heyq"
}

func (d *doctor) close() {
	if d.store != nil {
		_ = d.store.Close()
	}
	if d.config.Redis.URL.IsSet() && !d.wrong["REDIS_URL"] {
		_ = d.redis().Close()
	}
}

// client is HeyGen's; nil where the simulator takes its place.
func (d *doctor) client() (*heygen.Client, error) {
	if !d.config.HeyGen.APIKey.IsSet() {
		return nil, nil
	}
	return heygen.New(heygen.Options{
		BaseURL: d.config.HeyGen.URL, APIKey: d.config.HeyGen.APIKey.Reveal(),
		Timeout: policy.New(policy.Options{}).Timeout("heygen", patience),
	})
}
