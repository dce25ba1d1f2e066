package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/wire"
)

func (p *program) jobsList() *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List what failed, or with --state what waits or runs",
		Long: `List what failed, or with --state what waits or runs, the newest first, and
count it by queue and error.`,
		Example: `  heyq jobs list
  heyq jobs list --queue download --error link_expired --since 2h
  heyq jobs list --state running`,
		Args: wantsNone,
	}
	f := jobsFilter(c, "failed", "waiting", "running")
	errorFlag(c, f)
	limit := c.Flags().Int("limit", 20, "how many, up to 1,000")
	after := c.Flags().String("after", "", "the page behind: what the page before called next")
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) (wire.JobList, error) {
		return client.Jobs.List(ctx, *f, wire.JobPlace{Limit: *limit, After: *after})
	}, func(l wire.JobList) { p.showJobs(l, cmp.Or(f.State, "failed")) })
}

func (p *program) showJobs(l wire.JobList, state string) {
	if l.Missing != "" {
		defer p.aside.Printf("%s %s\n", screen.Bad("!"), l.Missing)
	}
	if len(l.Jobs) == 0 {
		p.screen.Printf("no %s jobs\n", state)
		return
	}
	wide := screen.Table{Headings: []string{"id", "queue", "error", "goes on", "title", "since"}}
	for _, j := range l.Jobs {
		code, since := "", ""
		if j.Failure != nil {
			code = screen.Bad(j.Failure.Code)
		}
		if j.At != nil {
			since = screen.Dim(humanize.Time(*j.At))
		}
		queue := j.Queue
		if j.VideoID == nil {
			queue += " " + screen.Dim(j.Kind)
		}
		wide.Rows = append(wide.Rows, []string{j.ID, queue, code, goesOn[orZero(j.GoesOn)][1], humanTitle(j.Title), since})
	}
	columns := []int{0, 1, 2, 3, 4, 5}
	if state != "failed" {
		columns = []int{0, 1, 4, 5}
	}
	tables := []screen.Table{pick(wide, columns)}
	for _, dispensable := range []int{4, 3, 5} {
		columns = slices.DeleteFunc(slices.Clone(columns), func(c int) bool { return c == dispensable })
		tables = append(tables, pick(wide, columns))
	}
	p.screen.TableThatFits(tables)
	if l.Total != nil {
		p.showTotal(l, state)
	}
	if l.Next != nil {
		p.screen.Println(screen.Dim(" the page behind: --after " + *l.Next))
	}
}

// showTotal counts all that match, if that is more than can be seen.
func (p *program) showTotal(l wire.JobList, state string) {
	p.screen.Printf("\n %s\n", screen.Bold(counted(*l.Total, state+" job")))
	if state != "failed" {
		return
	}
	p.showGroups(l.Groups)
	for _, g := range l.Groups {
		if g.GoesOn.PaysAgain() {
			continue
		}
		p.screen.Println(screen.Dim(" requeue the most of them with: heyq jobs requeue --queue " + g.Queue + " --error " + g.Error))
		return
	}
}

// showGroups writes how many jobs are alike, and what becomes of them.
func (p *program) showGroups(groups []wire.JobGroup) {
	t := screen.Table{Headings: []string{"jobs\t", "queue", "error", "when they are queued again"}}
	for _, g := range groups {
		t.Rows = append(t.Rows, []string{screen.Count(int64(g.Jobs)), g.Queue, screen.Bad(g.Error), goesOn[g.GoesOn][0]})
	}
	p.screen.Table(t)
}

// pick returns some columns of a table.
func pick(t screen.Table, columns []int) (narrow screen.Table) {
	choose := func(row []string) (some []string) {
		for _, i := range columns {
			some = append(some, row[i])
		}
		return some
	}
	narrow.Headings = choose(t.Headings)
	for _, row := range t.Rows {
		narrow.Rows = append(narrow.Rows, choose(row))
	}
	return narrow
}
