package chaos

import "time"

// Timing holds the protocol's durations that the processes run with. A zero
// leaves heyq's own default.
type Timing struct {
	Lease          time.Duration `json:"lease"`
	Redispatch     time.Duration `json:"redispatch"`
	Grace          time.Duration `json:"grace"`
	CreateTimeout  time.Duration `json:"create_timeout"`
	RenderTimeout  time.Duration `json:"render_timeout"`
	SlotWriteoff   time.Duration `json:"slot_writeoff"`
	SearchTimeout  time.Duration `json:"search_timeout"`
	SearchInterval time.Duration `json:"search_interval"`
	NotFoundAfter  time.Duration `json:"not_found_after"`
	PollInterval   time.Duration `json:"poll_interval"`
}

// Scaled are durations in proportion to a storm of minutes. Grace stays longer
// than any stall that a script makes: the protocol assumes that.
var Scaled = Timing{
	Lease:          5 * time.Second,
	Redispatch:     10 * time.Second,
	Grace:          30 * time.Second,
	CreateTimeout:  4 * time.Second,
	RenderTimeout:  time.Minute,
	SlotWriteoff:   time.Minute,
	SearchTimeout:  2 * time.Minute,
	SearchInterval: 2 * time.Second,
	NotFoundAfter:  5 * time.Second,
	PollInterval:   500 * time.Millisecond,
}

// Named lists each duration under the name that a flag and a reader know it
// by, in a fixed order.
func (t *Timing) Named() []NamedDuration {
	return []NamedDuration{
		{"lease", "HEYQ_LEASE", &t.Lease},
		{"redispatch", "HEYQ_REDISPATCH", &t.Redispatch},
		{"grace", "HEYQ_GRACE", &t.Grace},
		{"create-timeout", "HEYQ_CREATE_TIMEOUT", &t.CreateTimeout},
		{"render-timeout", "HEYQ_RENDER_TIMEOUT", &t.RenderTimeout},
		{"slot-writeoff", "HEYQ_SLOT_WRITEOFF", &t.SlotWriteoff},
		{"search-timeout", "HEYQ_SEARCH_TIMEOUT", &t.SearchTimeout},
		{"search-interval", "HEYQ_SEARCH_INTERVAL", &t.SearchInterval},
		{"not-found-after", "HEYQ_NOT_FOUND_AFTER", &t.NotFoundAfter},
		{"poll-interval", "HEYQ_POLL_INTERVAL", &t.PollInterval},
	}
}

// NamedDuration is one of the durations.
type NamedDuration struct {
	Name     string
	Variable string
	Value    *time.Duration
}

func (t Timing) environ() []string {
	var environ []string
	for _, d := range t.Named() {
		if *d.Value > 0 {
			environ = append(environ, d.Variable+"="+d.Value.String())
		}
	}
	return environ
}
