package chaos

import (
	"fmt"
	"slices"
	"time"

	"heyq/heygen/simulator"
)

// webhookTable: looks are rare here, so that the news comes by webhook or late.
var webhookTable = []struct {
	fault  string
	delay  time.Duration
	proves string
}{
	{"twice", 0, "a delivery that comes twice counts once"},
	{"out_of_order", 2 * time.Second, "deliveries out of order harm nothing: each only has a video polled"},
	{"early", 0, "one that overtakes the answer to its create is kept for later"},
	{"late", 4 * time.Second, "one that comes late finds nothing left to do"},
	{"forged", 0, "one with a wrong signature changes nothing; polls find what it would have told"},
	{"unsigned", 0, "nor does one without a signature"},
	{"replayed", 0, "nor does an old one that comes again"},
	{"huge", 0, "nor does one of more than a megabyte"},
	{"never", 0, "if none comes, polls find the end of each render"},
}

func webhookScenarios() []Scenario {
	var list []Scenario
	for _, row := range webhookTable {
		list = append(list, Scenario{
			Name: "heygen-webhook-" + row.fault, Proves: row.proves,
			prepare: byWebhook,
			script:  both(simulator.Rule{On: "webhook", Fault: row.fault, Delay: row.delay}),
			expect:  all(completed, fired("webhook/"+row.fault)),
		})
	}
	return append(list, Scenario{
		Name: "webhook-storm", Proves: "10,000 forged webhooks have no effect, and real ones are answered within 50 ms at p99 beside them",
		prepare: func(o *Options) { byWebhook(o); o.Videos, o.Span = 100, 30*time.Second },
		script:  at(forgedStorm, 8*time.Second),
		expect:  all(completed, answeredInTime(50*time.Millisecond), noEffect),
	})
}

// byWebhook makes looks so rare that webhooks are worth having.
func byWebhook(o *Options) {
	o.Timing.PollInterval, o.Timing.RenderTimeout = 3*time.Second, 3*time.Minute
}

// answeredInTime expects that HeyGen's own deliveries did not have to wait.
func answeredInTime(most time.Duration) func(evidence, *Expectation) {
	return func(e evidence, x *Expectation) {
		var took []time.Duration
		for _, d := range e.deliveries {
			if d.Status/100 == 2 {
				took = append(took, d.Took)
			}
		}
		slices.Sort(took)
		p99 := percentile(took, 99)
		x.Checked = fmt.Sprintf("%s of HeyGen's, p99 %s", counted(len(took), "delivery", "deliveries"), p99.Round(100*time.Microsecond))
		switch {
		case len(took) < 50:
			x.breach(fmt.Sprintf("only %d real deliveries were answered: this run shows nothing", len(took)))
		case p99 > most:
			x.breach(fmt.Sprintf("real deliveries took %s at p99", p99.Round(time.Millisecond)))
		}
	}
}

// noEffect expects that the forger was refused each time.
func noEffect(e evidence, x *Expectation) {
	for _, s := range e.strikes {
		x.Checked += "; " + s.Said
		if s.Said != fmt.Sprintf("%d of %d refused", forgeries, forgeries) {
			x.breach("the forger was told: " + s.Said)
		}
	}
	hints := 0
	for _, list := range e.tape {
		for n := 1; n < len(list); n++ {
			before, now := list[n-1], list[n]
			if now.Writer == "api" && now.Run == before.Run && now.Claim == before.Claim && now.State == before.State {
				hints++
			}
		}
	}
	if hints > len(e.deliveries) {
		x.breach(fmt.Sprintf("%d rows were hinted at, and HeyGen delivered %d times", hints, len(e.deliveries)))
	}
}
