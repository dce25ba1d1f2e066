package web

import (
	"fmt"
	"hash/fnv"
	"html/template"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dustin/go-humanize"

	"heyq/store"
)

// funcs are what templates may call.
var funcs = template.FuncMap{
	"asset": AssetURL,
	"when":  when,
	"label": label,
	"tint":  tint,
	"first": first,
	"short": short,
	"lasts": lasts,
	"runes": utf8.RuneCountInString,
	"bytes": func(n int64) string { return humanize.Bytes(uint64(max(n, 0))) },
	"count": func(n int) string { return humanize.Comma(int64(n)) },
	"field": func(name, label string, form any) map[string]any {
		return map[string]any{"Name": name, "Label": label, "Form": form}
	},
}

// moment is a time as a page shows it.
type moment struct{ ISO, Short, Long string }

// when says a time as people do, seen from now: a minute ago, or the date.
func when(now, t time.Time) moment {
	t = t.UTC()
	m := moment{ISO: t.Format(time.RFC3339), Long: t.Format("2 January 2006, 15:04:05 UTC")}
	switch ago := now.Sub(t); {
	case ago < 0:
		m.Short = t.Format("2 Jan 2006, 15:04")
	case ago < time.Minute:
		m.Short = "just now"
	case ago < time.Hour:
		m.Short = fmt.Sprintf("%d min ago", int(ago.Minutes()))
	case ago < 24*time.Hour:
		m.Short = fmt.Sprintf("%d h ago", int(ago.Hours()))
	case t.Year() == now.UTC().Year():
		m.Short = t.Format("2 Jan, 15:04")
	default:
		m.Short = t.Format("2 Jan 2006")
	}
	return m
}

// label is a state as a page names it.
func label(s store.State) string { return strings.ToUpper(string(s[:1])) + string(s[1:]) }

// tints is how many colours the stylesheet has for what has no picture.
const tints = 6

// tint is the colour of a thing, always the same.
func tint(id string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return int(h.Sum32() % tints)
}

// first is the letter that stands for a title without a picture.
func first(title string) string {
	for _, r := range title {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "·"
}

// short is the end of an id, by which people tell videos apart.
func short(id string) string { return "…" + id[max(0, len(id)-8):] }

// lasts says a duration to read: 0.4 s, 42 s, 3 min 20 s, 2 h 5 min.
func lasts(d time.Duration) string {
	switch {
	case d < 100*time.Millisecond:
		return "< 0.1 s"
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// left says how long something takes from now, more or less; live.js says it so as well.
func left(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return "a few seconds"
	case d < time.Minute:
		return fmt.Sprintf("about %d s", int(d.Round(10*time.Second).Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("about %d min", int(d.Round(time.Minute).Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("about %.0f h", d.Hours())
	}
	return fmt.Sprintf("about %.0f days", d.Hours()/24)
}

// clock says a length as players do: 0:12, 1:02:03.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
