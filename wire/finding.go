package wire

// Severity is how bad a finding is.
type Severity string

// The severities, from good to bad.
const (
	Fine    Severity = "fine"
	Note    Severity = "note"    // nothing is wrong, and the operator may want to know
	Warning Severity = "warning" // heyq works, though not as it should
	Broken  Severity = "broken"  // heyq does not work, or will not for long
)

// Finding is one thing that the doctor has looked at.
type Finding struct {
	Check     string   `json:"check"` // what was looked at: store, redis, …
	Severity  Severity `json:"severity"`
	What      string   `json:"what"`                 // what was found
	Remedy    string   `json:"remedy,omitempty"`     // what to do about it; empty: nothing
	LatencyMS float64  `json:"latency_ms,omitempty"` // how long the answer took; 0: no other system was asked
}
