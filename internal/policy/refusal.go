package policy

import (
	"errors"
	"fmt"
	"time"
)

// Refusal is why a call was not made. Nothing has left this process.
type Refusal struct {
	Policy string        // such as "the breaker of heygen"
	Wait   time.Duration // when the next call may pass
	Cause  string        // what led to it; empty: nothing but the policy
	Closed bool          // nothing passes until then, from any caller
}

// Error names the policy, its reason and the wait.
func (r *Refusal) Error() string {
	text := fmt.Sprintf("%s lets nothing through for %s", r.Policy, r.Wait.Round(time.Millisecond))
	if r.Cause != "" {
		text += ", because " + r.Cause
	}
	return text
}

// Reason is the same without the wait, for who keeps it longer than that.
func (r *Refusal) Reason() string {
	if r.Cause == "" {
		return r.Policy + " lets nothing through"
	}
	return r.Policy + " lets nothing through, because " + r.Cause
}

// RefusalIn returns the refusal in err's chain; nil: the call was not refused.
func RefusalIn(err error) *Refusal {
	refusal, _ := errors.AsType[*Refusal](err)
	return refusal
}
