package chaos

import (
	"fmt"
	"slices"
)

// ofTheAccount are the reasons that are never a video's own: they close
// admission, and the videos wait.
var ofTheAccount = []string{"unauthorized", "authentication_failed", "forbidden", "insufficient_credit", "quota_exceeded", "trial_limit_exceeded"}

// I12: no backlog failed for one cause. A cause of the account fails no video;
// one of the videos' own fails those that it hits, and not the line behind them.
func (e evidence) noBacklogFailed() Invariant {
	i := Invariant{Name: "I12", Promise: "no backlog failed for one cause"}
	refused, failures := map[string]int{}, 0
	for _, v := range e.rows {
		if v.State == "failed" {
			failures++
			if v.FailedAt == "create" {
				refused[v.Failure]++
			}
		}
	}
	i.Checked = count(failures, "failure")
	most := 5 + len(e.rows)/50
	for code, n := range refused {
		switch {
		case slices.Contains(ofTheAccount, code):
			i.breach(fmt.Sprintf("%s failed as %s, which is the account's refusal", count(n, "create"), code))
		case n > most:
			i.breach(fmt.Sprintf("%s failed as %s, at most %d were to be expected", count(n, "create"), code, most))
		}
	}
	return i
}

// mayFail are the reasons for which a video may stay failed though HeyGen has
// its render: a person is asked to decide, or the file is larger than allowed.
var mayFail = []string{"needs_review", "file_too_large"}

// I13: what HeyGen said once, and never again, killed nothing: a video whose
// render HeyGen completed, and has, did not fail.
func (e evidence) nothingDiedOfAWord() Invariant {
	i := Invariant{Name: "I13", Promise: "what HeyGen said once killed nothing"}
	living := map[string]bool{}
	for _, render := range e.ledger.Renders {
		living[render.VideoID] = !render.Failed && !render.Abandoned && !e.unended[render.VideoID]
	}
	checked := 0
	for id, v := range e.rows {
		if !living[v.HeyGenID] {
			continue
		}
		checked++
		if v.State == "failed" && !slices.Contains(mayFail, v.Failure) {
			i.breach(fmt.Sprintf("%s failed as %s at %s, and HeyGen has its render %s", id, v.Failure, v.FailedAt, v.HeyGenID))
		}
	}
	i.Checked = count(checked, "render")
	return i
}
