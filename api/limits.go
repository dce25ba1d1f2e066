package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

const limitsInWords = "What a user may do within a time is limited: `RateLimit-Policy` says how much, and `RateLimit` how much is left. " +
	"A limit of 600 in 60 s allows 600 at once after a quiet minute, and ten a second from then on. A list counts each of its items: it is taken whole or not at all, " +
	"and one that is larger than the limit is a 422. The holder of the operator token has no limit."

func limitsOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-limits",
		Tags:        []string{usersTag},
		Summary:     "Get a user's limits",
		Description: "What the user may do within a time: what was set, and else what is usual.",
		Responses:   map[string]*huma.Response{"200": answers("As they are", limitsExample())},
		Errors:      []int{http.StatusServiceUnavailable},
	}
}

func setLimitsOp() huma.Operation {
	return huma.Operation{
		OperationID: "set-limits",
		Tags:        []string{usersTag},
		Summary:     "Set a user's limits",
		Description: "All processes keep to them within two seconds. What is left out is as usual: 600 videos and 6,000 other requests in 60 s, " +
			"and no limit for the holder of the operator token, which is `default`.",
		MaxBodyBytes: maxBody,
		RequestBody: required(examples{
			"more":  {Summary: "Ten videos a second more", Value: wire.LimitsChange{VideoCreate: &wire.Limit{Amount: 1200, Seconds: 60}}},
			"usual": {Summary: "As for everybody", Value: wire.LimitsChange{}},
		}),
		Responses: map[string]*huma.Response{"200": answers("As they are now", limitsExample())},
		Errors: []int{
			http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}
}

func limitsExample() wire.Limits {
	return wire.Limits{
		UserID: exampleID.String(), VideoCreate: &wire.Limit{Amount: 1200, Seconds: 60}, Read: &wire.Limit{Amount: 6000, Seconds: 60},
	}
}

type limitsInput struct {
	UserID string `path:"user_id" doc:"A user's id, or default for the holder of the operator token" example:"default"`
}

type limitsOutput struct{ Body wire.Limits }

func (s *server) getLimits(ctx context.Context, in *limitsInput) (*limitsOutput, error) {
	l, err := s.limits.Get(ctx, in.UserID)
	return &limitsOutput{l}, err
}

type setLimitsInput struct {
	UserID string `path:"user_id" doc:"A user's id, or default for the holder of the operator token" example:"default"`
	JSON   body[wire.LimitsChange]
}

func (s *server) setLimits(ctx context.Context, in *setLimitsInput) (*limitsOutput, error) {
	change, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	l, err := s.limits.Set(ctx, in.UserID, change)
	return &limitsOutput{l}, err
}

// countedAs names, in an operation, the action that its items are counted as.
const countedAs = "counted_as"

// each has the handler of an operation count its items, with count, as an action.
func each(a people.Action, op huma.Operation) huma.Operation {
	op.Metadata = map[string]any{countedAs: a}
	return op
}

// tally counts the items of one request.
type tally struct {
	take func(n int) people.Taken
	done bool
}

type tallyKey struct{}

// limited counts the requests of an operation against the limits of their users: as one
// read, or as many of its items as the handler says. A dry run is one read.
func (s *server) limited(op *huma.Operation) func(huma.Context, func(huma.Context)) {
	action, listed := op.Metadata[countedAs].(people.Action)
	return func(hc huma.Context, next func(huma.Context)) {
		dry, _ := strconv.ParseBool(hc.Query("dry_run"))
		if !listed || dry {
			if taken := s.take(hc, people.Read, 1); taken.Wait > 0 {
				over := overLimit{taken}
				_ = huma.WriteErr(s.huma, hc, http.StatusTooManyRequests, over.Error()+"; "+over.hint())
				return
			}
			next(hc)
			return
		}
		t := &tally{take: func(n int) people.Taken { return s.take(hc, action, n) }}
		next(huma.WithValue(hc, tallyKey{}, t))
		if !t.done && hc.Status() < http.StatusMultipleChoices {
			panic("api: " + op.OperationID + " has counted none of its items")
		}
	}
}

// take counts n of an action, and tells in the answer what is left of the limit: by
// draft-ietf-httpapi-ratelimit-headers-10.
func (s *server) take(hc huma.Context, a people.Action, n int) people.Taken {
	t := s.limits.Take(hc.Context(), callerOf(hc.Context()).User, a, n)
	if t.Counted {
		hc.SetHeader("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", a, t.Limit.Amount, int(t.Limit.Period.Seconds())))
		hc.SetHeader("RateLimit", fmt.Sprintf("%q;r=%d;t=%d", a, t.Left, wholeSeconds(t.Full)))
	}
	if t.Wait > 0 {
		hc.SetHeader("Retry-After", strconv.Itoa(wholeSeconds(t.Wait)))
	}
	return t
}

// wholeSeconds is the first whole second at which d has passed.
func wholeSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// count counts n items of a request, which stand in a field. The error is an overLimit,
// or a fault.Invalid if they are more than would ever be taken.
func count(ctx context.Context, field string, n int) error {
	t, ok := ctx.Value(tallyKey{}).(*tally)
	if !ok { // a dry run, which was counted
		return nil
	}
	t.done = true
	switch taken := t.take(n); {
	case taken.Never:
		return fault.New(fault.Invalid, "the list is larger than your limit; nothing was done").
			WithField(field, n, "holds more than you may do at once; give %d at most", taken.Limit.Amount)
	case taken.Wait > 0:
		return overLimit{taken}
	}
	return nil
}

// overLimit says that a user has done what it may for now.
type overLimit struct{ people.Taken }

// Error says what the limit is.
func (o overLimit) Error() string {
	return fmt.Sprintf("this is beyond your limit %s, which is %d in %d s", o.Action, o.Limit.Amount, int(o.Limit.Period.Seconds()))
}

func (o overLimit) hint() string {
	return fmt.Sprintf("nothing was done; send it again in %d s, or ask an operator of this heyq for a higher limit", wholeSeconds(o.Wait))
}

func overLimitExample() *wire.Problem {
	over := overLimit{people.Taken{Action: people.CreateVideo, Limit: store.Limit{Amount: 600, Period: time.Minute}, Wait: 3 * time.Second}}
	return newProblem(http.StatusTooManyRequests, over.Error(), over.hint())
}
