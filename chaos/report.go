package chaos

import (
	"time"
)

// Report is what a run came to.
type Report struct {
	Scenario string  `json:"scenario,omitempty"`
	Seed     uint64  `json:"seed"`
	Videos   int     `json:"videos"`
	Seconds  float64 `json:"seconds"`
	Timing   Timing  `json:"timing_ns"`
	Folder   string  `json:"folder"`

	Outcome    Outcome     `json:"outcome"`
	Invariants []Invariant `json:"invariants"`
	Recoveries []Recovery  `json:"recoveries"`
	Strikes    []Strike    `json:"faults"`
}

// Outcome counts what became of the videos, and what was asked.
type Outcome struct {
	Promised    int              `json:"promised"`
	States      map[string]int   `json:"states"`
	Failures    map[string]int   `json:"failures,omitempty"` // by code
	Renders     int              `json:"renders"`            // that HeyGen accepted
	MaxInFlight int              `json:"max_in_flight"`
	Requests    int64            `json:"requests"`
	Tries       int64            `json:"tries"`
	Unavailable int64            `json:"unavailable"` // tries that heyq could not take
	Cancels     int64            `json:"cancels"`
	Retries     int64            `json:"retries"`
	Exits       map[string]int   `json:"exits,omitempty"` // of processes that the run did not end
	Calls       map[string]int64 `json:"heygen_calls"`
	Turns       Turns            `json:"turns"`
}

// Turns is how far the slots went to users by their weights. What waits for its time or
// for another try is counted as waiting, so a small part is no fault.
type Turns struct {
	Contested int     `json:"contested"`  // slots that were given while two users or more waited
	Elsewhere float64 `json:"elsewhere"`  // the share of those that went to others than the weights say
	Most      float64 `json:"most_slots"` // the most that one user got too many or too few of them
	Changes   int     `json:"changes"`    // of weights and bounds
}

// Invariant is one promise and whether it was kept.
type Invariant struct {
	Name     string   `json:"name"` // I1
	Promise  string   `json:"promise"`
	Checked  string   `json:"checked"` // how much of what was looked at
	Broken   int      `json:"broken"`
	Culprits []string `json:"culprits,omitempty"` // the first few
}

// breach notes one way in which it was broken.
func (i *Invariant) breach(culprit string) {
	const most = 5
	i.Broken++
	if len(i.Culprits) < most {
		i.Culprits = append(i.Culprits, culprit)
	}
}

// Broken counts the invariants that did not hold.
func (r Report) Broken() int {
	n := 0
	for _, i := range r.Invariants {
		if i.Broken > 0 {
			n++
		}
	}
	return n
}

// Recovery is how long it took until what a kind of fault had hit went on; see
// docs/reliability.md for what is measured. Times are zero if there is nothing
// to tell.
type Recovery struct {
	Fault    string        `json:"fault"`
	Strikes  int           `json:"strikes"`
	Rows     int           `json:"rows"` // that were hit
	P50      time.Duration `json:"p50_ns"`
	P99      time.Duration `json:"p99_ns"`
	Max      time.Duration `json:"max_ns"`
	Firsts   int           `json:"first_moves"` // strikes after which there was work
	FirstP50 time.Duration `json:"first_move_p50_ns"`
	FirstMax time.Duration `json:"first_move_max_ns"`
}
