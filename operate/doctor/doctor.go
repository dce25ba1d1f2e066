package doctor

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
	"heyq/operate/health"
	"heyq/operate/identity"
	"heyq/store"
	"heyq/wire"
)

// Running asks the heyq that runs.
type Running func(context.Context) (wire.Readiness, error)

// Options say what to examine, and open it as a start of heyq does.
type Options struct {
	Environ []string
	// Running asks the heyq at HEYQ_URL how it is; a fault.Unavailable: none
	// answers.
	Running Running

	Postgres func(context.Context, config.Config) (Store, error)
	Redis    func(config.Config) redis.UniversalClient // of REDIS_URL
	// Media opens a media store. The fault of one that refuses what heyq writes is a
	// fault.Invalid, as is that of its TryWrite.
	Media func(ctx context.Context, url, spool string) (Media, error)
}

// Store is a database as it is found, whatever its schema.
type Store interface {
	store.Store
	store.Schema
}

// Media is what is examined of a media store.
type Media interface {
	identity.Place
	TryWrite(ctx context.Context) error
	Close() error
}

// Findings are what the doctor found, in a fixed order.
type Findings = []wire.Finding

// Examine looks at everything that a heyq of this environment needs, from where
// it runs, and at the heyq that runs. It works if no heyq runs, changes nothing
// that matters, and creates nothing at HeyGen. It returns what it finds in a
// fixed order.
func Examine(ctx context.Context, o Options) []wire.Finding {
	d := &doctor{Options: o, wrong: map[string]bool{}}
	list := d.configuration()
	list = append(list, d.running(ctx)...)
	defer d.close()
	list = append(list, d.examineStore(ctx)...) // the others use it
	parts := []func(context.Context) []wire.Finding{d.examineRedis, d.examineQueues, d.examineInstallation, d.examineHeyGen, d.examineWebhooks, d.examineMedia, d.examineDisk}
	found := make([][]wire.Finding, len(parts))
	var all sync.WaitGroup
	for i, part := range parts {
		all.Go(func() {
			patient, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			found[i] = part(patient)
		})
	}
	all.Wait()
	return slices.Concat(append([][]wire.Finding{list}, found...)...)
}

// patience is how long each part of an examination may take.
const patience = 10 * time.Second

// doctor is one examination.
type doctor struct {
	Options
	config config.Config
	wrong  map[string]bool // variables that have a problem

	ready  *wire.Readiness // what the running heyq says of itself; nil: none answers
	store  Store           // nil: it cannot be asked
	modern bool            // its schema is this heyq's
	redis  func() redis.UniversalClient
}

// configuration finds every problem and every warning.
func (d *doctor) configuration() (list []wire.Finding) {
	c, warnings, err := config.Load(d.Environ)
	d.config = c
	d.redis = sync.OnceValue(func() redis.UniversalClient { return d.Redis(c) })
	if f, ok := errors.AsType[*fault.Error](err); ok {
		for _, field := range f.Fields {
			d.wrong[field.Name] = true
			list = append(list, wire.Finding{
				Check: "configuration", Severity: wire.Broken, What: field.Name + ": " + field.Message, Remedy: "mend the variable; docs/config.md describes it",
			})
		}
	}
	for _, w := range warnings {
		list = append(list, wire.Finding{Check: "configuration", Severity: wire.Warning, What: w.String(), Remedy: "change or unset it; docs/config.md says what is safe"})
	}
	if len(list) == 0 {
		list = append(list, wire.Finding{Check: "configuration", Severity: wire.Fine, What: "no problem and no warning"})
	}
	return list
}

// without says that a check was left out, if a variable that it needs is wrong.
func (d *doctor) without(check string, variables ...string) []wire.Finding {
	for _, name := range variables {
		if d.wrong[name] || d.wrong[name+"_FILE"] {
			return []wire.Finding{{Check: check, Severity: wire.Note, What: "was not looked at, since " + name + " is wrong"}}
		}
	}
	return nil
}

// running asks the heyq that runs, which sees what cannot be seen from here.
func (d *doctor) running(ctx context.Context) []wire.Finding {
	const check = "running"
	if skip := d.without(check, "HEYQ_URL"); skip != nil {
		return skip
	}
	at := d.config.HTTP.URL
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ready, took, err := timed(func() (wire.Readiness, error) { return d.Running(ctx) })
	if err != nil {
		return []wire.Finding{{
			Check: check, Severity: wire.Note, What: message(err),
			Remedy: "if one runs elsewhere, set HEYQ_URL to where it listens; `heyq up` starts one",
		}}
	}
	d.ready = &ready
	var list []wire.Finding
	for _, name := range sortedKeys(ready.Checks) {
		h := ready.Checks[name]
		if h.Status == wire.Healthy {
			continue
		}
		list = append(list, wire.Finding{
			Check: check, Severity: severity(h.Status), LatencyMS: h.LatencyMS, Remedy: health.Of(name).Remedy,
			What: "it says of " + name + ": " + cmp.Or(h.Reason, string(h.Status)+"; why, it tells who shows HEYQ_OPERATOR_TOKEN"),
		})
	}
	if len(list) == 0 {
		list = append(list, wire.Finding{Check: check, Severity: wire.Fine, What: "the heyq at " + at + " is " + string(ready.Status), LatencyMS: took})
	}
	return list
}

func (d *doctor) close() {
	if d.store != nil {
		_ = d.store.Close()
	}
	if d.config.Redis.URL.IsSet() && !d.wrong["REDIS_URL"] {
		_ = d.redis().Close()
	}
}

// client is HeyGen's; nil if the simulator takes its place.
func (d *doctor) client() (*heygen.Client, error) {
	if !d.config.HeyGen.APIKey.IsSet() {
		return nil, nil
	}
	return heygen.New(heygen.Options{
		BaseURL: d.config.HeyGen.URL, APIKey: d.config.HeyGen.APIKey.Reveal(),
		Timeout: policy.New(policy.Options{}).Timeout("heygen", patience),
	})
}
