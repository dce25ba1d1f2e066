package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"heyq/heygen/simulator"
)

// heygenFaults are what HeyGen does wrong: with creates, looks, lists, webhooks
// and files. Each hits a share of the requests for a while.
var heygenFaults = []card{
	onHeyGen("create", "hang", some),
	onHeyGen("create", "accept_hang", some),
	onHeyGen("create", "accept_500", many),
	onHeyGen("create", "accept_504", many),
	onHeyGen("create", "accept_reset", many),
	onHeyGen("create", "accept_half", many),
	onHeyGen("create", "error_500", many),
	onHeyGen("create", "reset", many),
	onHeyGen("create", "in_progress", many),
	onHeyGen("create", "throttle", some),
	onHeyGen("create", "unpaid", few),
	onHeyGen("create", "unauthorized", few),
	onHeyGen("create", "unscoped", many),
	onHeyGen("create", "edge", many),
	onHeyGen("create", "not_ready", many),
	onHeyGen("create", "conflict", few),
	onHeyGen("create", "odd_error", few),
	onHeyGen("create", "invalid", few),
	onHeyGen("create", "not_json", many),
	onHeyGen("create", "error_200", many),

	onHeyGen("title", "cut", most),

	onHeyGen("status", "error_500", many),
	onHeyGen("status", "unknown_word", many),
	onHeyGen("status", "backwards", many),
	onHeyGen("status", "not_found", some),
	onHeyGen("status", "bulk_not_found", many),
	onHeyGen("status", "own_not_found", some),
	onHeyGen("status", "left_out", many),
	onHeyGen("status", "cancelled", few),
	onHeyGen("status", "expired", few),
	onHeyGen("status", "aborted", few),
	onHeyGen("status", "no_link", many),
	onHeyGen("status", "failed_legacy", few),
	onHeyGen("status", "insufficient_credit", few),
	heygenStuck,

	onHeyGen("list", "error_500", most),
	onHeyGen("list", "lag", most),
	onHeyGen("list", "reset", most),

	onHeyGen("webhook", "twice", most),
	onHeyGen("webhook", "out_of_order", most),
	onHeyGen("webhook", "early", most),
	onHeyGen("webhook", "late", most),
	onHeyGen("webhook", "forged", most),
	onHeyGen("webhook", "unsigned", most),
	onHeyGen("webhook", "replayed", most),
	onHeyGen("webhook", "huge", some),
	onHeyGen("webhook", "never", most),

	onHeyGen("file", "truncated", many),
	onHeyGen("file", "truncated_length", many),
	onHeyGen("file", "truncated_chunked", many),
	onHeyGen("file", "no_range", many),
	onHeyGen("file", "range_200", most),
	onHeyGen("file", "expired", many),
	onHeyGen("file", "late", many),
	onHeyGen("file", "html", many),
	onHeyGen("file", "bit_flip", many),
	onHeyGen("file", "slow", many),
	onHeyGen("file", "endless", some),
	onHeyGen("file", "redirect_private", many),
	onHeyGen("file", "server_error", many),
	onHeyGen("file", "no_sound", many),
	onHeyGen("file", "silent", many),
	onHeyGen("file", "too_short", many),
	onHeyGen("file", "foreign", many),
	onHeyGen("file", "no_size", many),
}

// share is how many of the requests are hit.
type share float64

const (
	few  share = 0.15
	some share = 0.3
	many share = 0.6
	most share = 1
)

// onHeyGen is a fault that lasts for some seconds. One that refuses the account
// is short: heyq sends nothing from the first such answer on.
func onHeyGen(on, fault string, hit share) card {
	return func(chance *rand.Rand, _ Options) Fault {
		lasts := between(chance, 3*time.Second, 10*time.Second)
		if on == "list" || on == "webhook" {
			lasts *= 2
		}
		rule := simulator.Rule{On: on, Fault: fault, Rate: float64(hit)}
		switch fault {
		case "throttle":
			rule.RetryAfter = 1 + chance.IntN(2)
		case "aborted":
			rule.Count = 2 // since the rules last changed: each holds a slot until it is written off, two minutes later
		case "cut":
			rule.Keep = 60 // the token and little more; heyq writes 100 at most
		case "slow":
			rule.Delay = between(chance, time.Second, 4*time.Second)
		case "late", "lag", "out_of_order":
			rule.Delay = between(chance, time.Second, 5*time.Second)
		}
		return fromHeyGen(rule, lasts)
	}
}

// fromHeyGen is the fault of a rule.
func fromHeyGen(rule simulator.Rule, lasts time.Duration) Fault {
	name := "heygen-" + rule.On + "-" + rule.Fault
	detail := fmt.Sprintf("hits %.0f %%", 100*rule.Rate)
	if rule.Delay > 0 {
		detail += " by " + rule.Delay.String()
	}
	if rule.RetryAfter > 0 {
		detail += fmt.Sprintf(", Retry-After %d", rule.RetryAfter)
	}
	return Fault{
		Name: name, On: "heygen-" + rule.On, Detail: detail, For: lasts,
		strike: func(_ context.Context, s *stage, _ *Strike) error { return s.heygen.misbehave(name, rule) },
		lift:   func(_ context.Context, s *stage) error { return s.heygen.behave(name) },
	}
}

// heygenStuck lets renders never end, until HeyGen deletes them. A render that
// stayed for ever would be written off, and its slot with it: that is a
// scenario of its own.
func heygenStuck(chance *rand.Rand, o Options) Fault {
	f := fromHeyGen(simulator.Rule{On: "status", Fault: "stuck", Rate: float64(few)}, between(chance, 3*time.Second, 8*time.Second))
	over := f.lift
	f.lift = func(ctx context.Context, s *stage) error {
		if err := over(ctx, s); err != nil {
			return err
		}
		pause(ctx, o.RenderTime+500*time.Millisecond) // what was accepted last should have ended by then
		_, err := s.heygen.deleteStuck(ctx)
		return err
	}
	return f
}
