package web

import (
	"fmt"
	"math"
	"net/http"
	"strconv"

	"heyq/people"
	"heyq/wire"
)

// tooOften says that a user has done what it may for now. Pages count against the limits
// of the API.
type tooOften struct{ people.Taken }

// Error says what the limit is, and what to do.
func (t tooOften) Error() string {
	return fmt.Sprintf("this is beyond your limit, which is %d in %d s; nothing was done: do it again in %d s, or ask an operator of this heyq for a higher limit",
		t.Limit.Amount, int(t.Limit.Period.Seconds()), t.seconds())
}

func (t tooOften) seconds() int { return int(math.Ceil(t.Wait.Seconds())) }

// take counts one of an action. The error is a tooOften.
func (f *Face) take(r *http.Request, a people.Action) error {
	if t := f.Limits.Take(r.Context(), f.Caller(r.Context()).User, a, 1); t.Wait > 0 {
		return tooOften{t}
	}
	return nil
}

// tell shows it as a page.
func (t tooOften) tell(f *Face, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", strconv.Itoa(t.seconds()))
	f.tell(w, r, wire.Problem{Status: http.StatusTooManyRequests, Detail: t.Error()})
}
