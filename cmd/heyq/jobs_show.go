package main

import (
	"context"
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/wire"
)

func (p *program) jobsShow() *cobra.Command {
	c := &cobra.Command{
		Use:               "show ID",
		Short:             "Show one job, what was done to it, and how it would go on",
		Args:              wants(1, 1, "one id"),
		ValidArgsFunction: p.jobArguments("failed", "running"),
	}
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.JobDetails, error) {
		return client.Jobs.Get(ctx, args[0])
	}, p.showJob)
}

func (p *program) showJob(d wire.JobDetails) {
	pairs := [][2]string{{"id", screen.Bold(d.ID)}, {"state", jobState(d.State)}}
	if d.State != "completed" {
		pairs = append(pairs, [2]string{"kind", d.Kind + screen.Dim(" in queue "+d.Queue)})
	}
	if d.Failure != nil {
		pairs = append(pairs, [2]string{"error", screen.Bad(d.Failure.Code) + ": " + d.Failure.Message})
	}
	if d.At != nil {
		name := "created"
		if d.State == "failed" {
			name = "failed"
		}
		pairs = append(pairs, [2]string{name, clock(*d.At) + screen.Dim(", "+humanize.Time(*d.At))})
	}
	if d.Attempt > 0 {
		pairs = append(pairs, [2]string{"failures", fmt.Sprint(d.Attempt)})
	}
	if v := d.Video; v != nil {
		pairs = append(pairs, [2]string{"video", v.ID}, [2]string{"title", v.Title}, [2]string{"user", d.UserID},
			[2]string{"HeyGen id", orZero(v.HeyGenID)})
		if v.Submission > 1 {
			pairs = append(pairs, [2]string{"submission", fmt.Sprint(v.Submission)})
		}
	}
	if d.GoesOn != nil {
		pairs = append(pairs, [2]string{"goes on", goesOn[*d.GoesOn][0] + forBill(d.WouldPay)})
	}
	p.screen.Pairs(pairs...)
	if d.Video != nil {
		p.showTimeline(d.Video.Timeline)
	}
	p.showActions(d.Actions)
	if command := nextCommand(d); command != "" {
		p.screen.Printf("\n%s %s\n", screen.Dim("→"), command)
	}
}

// showActions writes what operators did to a job.
func (p *program) showActions(actions []wire.JobAction) {
	if len(actions) == 0 {
		return
	}
	t := screen.Table{Headings: []string{"done", "at", "by", "outcome", "request"}}
	for _, a := range actions {
		t.Rows = append(t.Rows, []string{string(a.Action), clock(a.At), a.Who, a.Outcome, screen.Dim(a.RequestID)})
	}
	p.screen.Println()
	p.screen.Table(t)
}

// forBill says what renders cost, in a clause; empty: nothing renders.
func forBill(b wire.Bill) string {
	switch {
	case b.Renders == 0:
		return ""
	case b.Unpriced == b.Renders:
		return ", for a price that is not known: it has no script to count"
	}
	return fmt.Sprintf(", for about $%.2f", b.USD)
}

// nextCommand is what one would type next.
func nextCommand(d wire.JobDetails) string {
	switch {
	case d.State == "waiting" || d.State == "running":
		return "heyq jobs cancel " + d.ID
	case d.Failure != nil && d.Failure.Code == "needs_review":
		return "heyq videos resolve " + d.ID + " --help"
	case d.GoesOn != nil && d.GoesOn.PaysAgain():
		return "heyq jobs requeue --rerender " + d.ID
	case d.GoesOn != nil:
		return "heyq jobs requeue " + d.ID
	}
	return ""
}
