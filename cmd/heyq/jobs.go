package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/screen"
	"heyq/jobs"
	"heyq/store"
	"heyq/wire"
)

func (p *program) jobs() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "jobs",
		Short: "See what waits, runs or failed, and mend it",
		Long: `See what waits, runs or failed, and mend it.

A job is the present or failed step of a video, the analysis of one, the telling
of its end, or a task that asynq gave up and that belongs to no video. Its id is
that of the video, or analysis:<video>, notification:<id>, task:<queue>:<task>.

These commands talk to a running heyq: the one at HEYQ_URL.`,
		Example: `  heyq jobs list
  heyq jobs requeue --queue download --error link_expired --since 2h`,
	})
	c.AddCommand(p.jobsList(), p.jobsShow(), p.jobsRequeue(), p.jobsCancel(), p.jobsDelete())
	return c
}

// goesOn says how a job goes on when it is queued again: in a clause, and in short.
var goesOn = map[store.Way][2]string{
	store.WayResume: {"goes on from its render, free of charge", "from its render"},
	store.WayFirst:  {"renders for the first time", "as new"},
	store.WayAgain:  {"runs once more, free of charge", "once more"},
	store.WayRender: {"renders, and is paid for, once more", "paid again"},
	store.WayReview: {"may be paid for once more: look first", "after a look"},
}

// jobArguments are the ids of the jobs that are not on the line yet.
func (p *program) jobArguments(states ...string) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		given := map[string]bool{}
		for _, id := range args {
			given[id] = true
		}
		var offered []cobra.Completion
		for _, state := range states {
			for _, j := range p.newestJobs(c.Context(), state).Jobs {
				if !given[j.ID] {
					offered = append(offered, cobra.CompletionWithDesc(j.ID, describe(j)))
				}
			}
		}
		return offered, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

func describe(j wire.Job) string {
	words := []string{j.Queue, string(j.State)}
	if j.Failure != nil {
		words[1] = j.Failure.Code
	}
	return strings.TrimSpace(strings.Join(append(words, humanTitle(j.Title)), " "))
}

// newestJobs asks the heyq at HEYQ_URL, while a person waits at a prompt.
// Without one that answers there are none.
func (p *program) newestJobs(ctx context.Context, state string) (l wire.JobList) {
	ctx, cancel := context.WithTimeout(ctx, completeWithin)
	defer cancel()
	if client, _, err := p.client(); err == nil {
		l, _ = client.Jobs.List(ctx, wire.JobFilter{State: state}, wire.JobPlace{Limit: completeMost})
	}
	return l
}

// errorCodes offers those that something has failed with.
func (p *program) errorCodes(c *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	counts := map[string]int{}
	var codes []string
	for _, g := range p.newestJobs(c.Context(), "failed").Groups {
		if counts[g.Error] == 0 {
			codes = append(codes, g.Error)
		}
		counts[g.Error] += g.Jobs
	}
	offered := make([]cobra.Completion, len(codes))
	for i, code := range codes {
		offered[i] = cobra.CompletionWithDesc(code, counted(counts[code], "job"))
	}
	return offered, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// jobsFilter adds the flags that say which jobs are meant.
func jobsFilter(c *cobra.Command, states ...string) *wire.JobFilter {
	f := &wire.JobFilter{}
	flags := c.Flags()
	flags.StringVar(&f.State, "state", "", "only those that are "+orList(states))
	flags.StringVar(&f.Queue, "queue", "", "only those of this queue: "+strings.Join(words(jobs.Queues), ", "))
	flags.StringVar(&f.Kind, "kind", "", "only those of this kind of task, such as video:download")
	flags.StringVar(&f.User, "user", "", "only those of this user's videos")
	flags.Var((*moment)(&f.Since), "since", "only those of the last 2h, or 3d, or since a time by RFC 3339")
	flags.Var((*moment)(&f.Before), "before", "only those that are older than 2h, or 3d, or that time")
	_ = c.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(states, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
	return f
}

// errorFlag adds the flag for what failed jobs failed with.
func errorFlag(c *cobra.Command, f *wire.JobFilter) {
	c.Flags().StringVar(&f.Error, "error", "", "only those that failed with this code, such as link_expired")
}

func orList(list []string) string {
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// jobState paints a job's state in its colour.
func jobState(state store.JobState) string {
	paint := map[store.JobState]func(string) string{
		store.JobFailed: screen.Bad, store.JobCompleted: screen.Good, store.JobRunning: screen.Bold,
	}[state]
	if paint == nil {
		paint = screen.Dim
	}
	return paint(string(state))
}
