package alert

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"heyq/operate/health"
	"heyq/store"
)

// Limits are the bounds that rules compare with.
type Limits struct {
	SuccessRate float64                  // percent of operations, at least
	Average     map[string]time.Duration // by type of operation, at most
	Failures    int                      // videos within failuresSpan, at most
	QueueAge    time.Duration            // until something that is due is taken up
	Stuck       time.Duration            // in one state, where nothing keeps a video there
	Balance     float64                  // left at HeyGen, at least
	FreeDisk    int64                    // bytes, at least
}

// Rule asks one question of the table of health. docs/operations.md has a section with
// the rule's name.
type Rule struct {
	health.Question
	check func(Limits, Figures) []Finding
}

// Finding is what a rule says of one subject. If a subject has no finding, its
// state is unknown.
type Finding struct {
	Rule    string
	Subject string // empty: there is only one
	Bad     bool
	Few     bool   // it says that an alert goes on, and is not enough to start one
	Summary string // what is wrong, with its figure; set if Bad
}

// Rules is the table of contents.
var Rules = []Rule{
	{health.SuccessRateLow, successRate},
	{health.AverageDuration, averageDuration},
	{health.Failures, failures},
	{health.QueueAge, queueAge},
	{health.SlotsIdle, slotsIdle},
	{health.BalanceLow, balanceLow},
	{health.AdmissionClosed, admissionClosed},
	{health.StuckVideos, stuckVideos},
	{health.ScheduledJobLate, scheduledJobLate},
	{health.DiskLow, diskLow},
}

// RuleOf returns the rule of that name; of one that another version of heyq had,
// only its name.
func RuleOf(name string) Rule {
	if i := slices.IndexFunc(Rules, func(r Rule) bool { return r.Name == name }); i >= 0 {
		return Rules[i]
	}
	return Rule{Question: health.Question{Name: name, Command: "heyq alerts"}}
}

// Check asks every rule.
func Check(l Limits, f Figures) []Finding {
	var all []Finding
	for _, rule := range Rules {
		for _, finding := range rule.check(l, f) {
			finding.Rule = rule.Name
			all = append(all, finding)
		}
	}
	return all
}

// found is a finding; its summary counts only if something is wrong.
func found(subject string, bad bool, summary string, args ...any) Finding {
	f := Finding{Subject: subject, Bad: bad}
	if bad {
		f.Summary = fmt.Sprintf(summary, args...)
	}
	return f
}

func successRate(l Limits, f Figures) (list []Finding) {
	for name, r := range sorted(f.Rates) {
		f := found(name, r.Success() < l.SuccessRate,
			"%.1f %% of %s succeeded in the last minutes (less than %g %%): %s failed",
			r.Success(), count(int(r.Total), operation(name)), l.SuccessRate, humanize.Comma(r.Failed))
		f.Few = r.Total < fewest
		list = append(list, f)
	}
	return list
}

func averageDuration(l Limits, f Figures) (list []Finding) {
	for name, r := range sorted(f.Rates) {
		limit, known := l.Average[name]
		if !known {
			continue
		}
		f := found(name, r.Average > limit, "%s took %s on average in the last minutes (more than %s)",
			count(int(r.Timed), operation(name)), span(r.Average), span(limit))
		f.Few = r.Timed < fewest
		list = append(list, f)
	}
	return list
}

func failures(l Limits, f Figures) []Finding {
	if f.Failures == nil {
		return nil
	}
	return []Finding{found("", *f.Failures > l.Failures, "%s failed within %s (more than %d)",
		count(*f.Failures, "video"), span(failuresSpan), l.Failures)}
}

func queueAge(l Limits, f Figures) (list []Finding) {
	if f.Backlog == nil {
		return nil
	}
	for _, q := range f.Backlog.Queues {
		list = append(list, found(string(q.Queue), q.Lag > l.QueueAge, "%s due and not taken up, the oldest for %s (more than %s)",
			isAre(q.Overdue, nouns[q.Queue]), span(q.Lag), span(l.QueueAge)))
	}
	return list
}

// nouns say what is done in a queue, once.
var nouns = map[store.Queue]string{
	store.CreateQueue: "create", store.PollQueue: "look at a render", store.DownloadQueue: "download",
	store.AnalyticsQueue: "analysis", store.NotifyQueue: "notification",
}

func slotsIdle(_ Limits, f Figures) []Finding {
	if f.Backlog == nil {
		return nil
	}
	waiting := f.Backlog.Admission
	return []Finding{found("", f.Idle > 0, "%d of %s idle while %s for one, the first for %s",
		f.Idle, isAre(f.Slots, "render slot"), waits(waiting.Overdue), span(waiting.Lag))}
}

func balanceLow(l Limits, f Figures) []Finding {
	if f.Balance == nil {
		return nil
	}
	return []Finding{found("", f.Balance.Amount < l.Balance, "%.2f %s are left at HeyGen (less than %g)",
		f.Balance.Amount, f.Balance.Unit, l.Balance)}
}

func admissionClosed(_ Limits, f Figures) []Finding {
	if f.Admission == nil {
		return nil
	}
	a := *f.Admission
	until := "until an operator resumes it"
	switch {
	case !a.Until.IsZero():
		until = "until " + a.Until.UTC().Format("15:04:05 UTC")
	case a.State == store.Stopped:
		until = "until HeyGen takes a video again"
	}
	return []Finding{found("", a.State != store.Open, "admission is %s %s: %s; nothing new is sent to HeyGen", a.State, until, a.Reason)}
}

func stuckVideos(_ Limits, f Figures) []Finding {
	if f.Stuck == nil {
		return nil
	}
	var first []string
	for _, id := range f.Stuck.First {
		first = append(first, id.String())
	}
	return []Finding{found("", f.Stuck.Videos > 0, "%s stuck, the first for %s: %s",
		isAre(f.Stuck.Videos, "video"), span(f.Stuck.Oldest), strings.Join(first, ", "))}
}

func scheduledJobLate(_ Limits, f Figures) (list []Finding) {
	for _, r := range f.Runs {
		last := "last finished %s ago"
		if !r.Ran {
			last = "has not finished once in %s"
		}
		list = append(list, found(r.Job.Kind.Name, r.Late(), "it "+last+" and is to run every %s: it fails, or no scheduler runs", span(r.Ago), span(r.Job.Every)))
	}
	return list
}

func diskLow(l Limits, f Figures) (list []Finding) {
	for machine, d := range sorted(f.Disks) {
		list = append(list, found(machine, d.Free < l.FreeDisk, "%s of %s are free at %s (less than %s)",
			humanize.IBytes(uint64(max(0, d.Free))), humanize.IBytes(uint64(max(0, d.Total))), d.Path, humanize.IBytes(uint64(max(0, l.FreeDisk)))))
	}
	return list
}

// sorted walks a map in the order of its keys, so that alerts of one round always
// come in the same order.
func sorted[V any](m map[string]V) func(yield func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
