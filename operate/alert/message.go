package alert

import (
	"strings"
	"time"

	"heyq/store"
)

// title names what an alert is about: queue-age (download).
func title(a store.Alert) string {
	if a.Subject == "" {
		return a.Rule
	}
	return a.Rule + " (" + a.Subject + ")"
}

// message is what people read of an alert that has started or ended. place says
// which heyq it is about.
func message(a store.Alert, place string) string {
	rule := RuleOf(a.Rule)
	if a.Active() {
		return lines(
			":red_circle: *"+plain(title(a))+"* at "+plain(place),
			plain(a.Summary),
			"Since "+moment(a.Since)+". Type `"+rule.Command+"`; docs/operations.md#"+rule.Name+" says what follows.",
		)
	}
	took := span(a.EndedAt.Sub(a.Since))
	return lines(
		":large_green_circle: *"+plain(title(a))+"* at "+plain(place)+" has ended after "+took,
		"It was: "+plain(a.Summary),
		"From "+moment(a.Since)+" to "+moment(a.EndedAt)+". Type `heyq alerts` for the others.",
	)
}

// testMessage shows that messages arrive.
func testMessage(place string) string {
	return ":wave: heyq at " + plain(place) + " can reach you. This is a test; nothing is wrong."
}

// endMessage is the last word of a process that ended itself.
func endMessage(place, why, remedy string) string {
	return lines(":red_circle: heyq at "+plain(place)+" has ended itself, and refuses to start again: "+plain(why), plain(remedy))
}

func moment(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

func lines(list ...string) string { return strings.Join(list, "\n") }

// plain escapes what Slack would read as markup of its own.
var plain = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
