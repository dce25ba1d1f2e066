package alert

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// count is 1 download, 1,200 downloads.
func count(n int, noun string) string {
	return humanize.Comma(int64(n)) + " " + english.PluralWord(n, noun, plurals[noun])
}

// plurals are those that English does not make with an s.
var plurals = map[string]string{"look at a render": "looks at renders", "analysis": "analyses"}

func isAre(n int, noun string) string {
	return count(n, noun) + " " + english.PluralWord(n, "is", "are")
}

func waits(n int) string { return count(n, "video") + " " + english.PluralWord(n, "waits", "wait") }

// operation is a type of operation in words.
func operation(name string) string {
	noun := strings.ReplaceAll(name, "_", " ")
	if name == "database" {
		noun += " operation"
	}
	return noun
}

// span is a duration as people say it, to two figures: 250ms, 1.2s, 12m, 3h20m.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d < time.Minute:
		return d.Round(time.Second).String()
	case d < time.Hour:
		return short(d.Round(time.Second))
	case d < 48*time.Hour:
		return short(d.Round(time.Minute))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// short leaves out what is zero at the end.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
