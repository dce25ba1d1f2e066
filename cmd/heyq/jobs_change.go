package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

// jobsChange is one run of a command that changes jobs: it counts, asks, and
// then goes through them call by call.
type jobsChange struct {
	*program
	client *client.Client
	bars   *screen.Screen // for what is no result
	verb   store.Verb
	words  changeWords

	request wire.RequeueJobsRequest
	dryRun  bool
	yes     bool
	rate    rate
	most    wire.Bill // what renders once more may come to; with agreed
	agreed  bool      // most was given
}

// changeWords are how a change is spoken of.
type changeWords struct {
	bar      string // requeued
	done     string // queued again
	question string // Queue %s again?
}

// changeJobs makes c change the jobs that f lets through. It completes the ids
// of those in some states.
func (p *program) changeJobs(c *cobra.Command, ch *jobsChange, f *wire.JobFilter, states ...string) {
	c.Args = cobra.ArbitraryArgs
	c.ValidArgsFunction = p.jobArguments(states...)
	ch.program = p
	asJSON := jsonFlag(c)
	c.Flags().BoolVar(&ch.dryRun, "dry-run", false, "only count them, and say what would come of it")
	c.Flags().BoolVar(&ch.yes, "yes", false, "do not ask")
	c.Flags().Var(&ch.rate, "rate", "how many at most, such as 50/s (default as fast as it goes)")
	c.RunE = func(c *cobra.Command, args []string) error {
		var err error
		if ch.client, _, err = p.client(); err != nil {
			return err
		}
		ch.agreed = c.Flags().Changed("most-usd")
		ch.request.JobFilter = *f
		ch.request.IDs = args
		ch.bars = p.screen
		if *asJSON {
			ch.bars = p.aside
		}
		result, err := ch.run(c.Context())
		if err != nil {
			return err
		}
		if *asJSON {
			if err := p.json(result); err != nil {
				return err
			}
		}
		return ch.missed(result)
	}
}

// run returns what was done, or would be.
func (ch *jobsChange) run(ctx context.Context) (result wire.RequeuedJobs, err error) {
	rehearsal := ch.request
	rehearsal.DryRun = true
	plan, err := ch.change(ctx, rehearsal)
	if err != nil {
		return plan, err
	}
	ch.showPlan(plan)
	if plan.Done == 0 || ch.dryRun {
		return plan, nil
	}
	if err := ch.consent(ctx, plan); err != nil {
		return plan, err
	}
	result, err = ch.all(ctx, plan)
	if err != nil {
		return result, ch.interrupted(err, result.Done)
	}
	ch.bars.Printf("%s %s %s", screen.Good("✓"), counted(result.Done, "job"), ch.words.done)
	ch.showLeft(plan, result)
	return result, nil
}

// missed is an error if jobs were named, and not all of them could be changed.
func (ch *jobsChange) missed(r wire.RequeuedJobs) error {
	if len(ch.request.IDs) == 0 || r.Skipped == 0 {
		return nil
	}
	err := fault.New(fault.Conflict, "left as they are: %d of %s", r.Skipped, counted(len(ch.request.IDs), "job"))
	for _, o := range r.Jobs {
		if o.Skipped != "" {
			err.Fields = append(err.Fields, fault.Field{Name: o.ID, Message: o.Skipped})
		}
	}
	if len(ch.request.IDs) == 1 && len(r.Groups) == 1 && len(err.Fields) == 0 {
		err.Fields = append(err.Fields, fault.Field{Name: ch.request.IDs[0], Message: r.Groups[0].Skipped})
	}
	return err
}

// showPlan counts the jobs by kind, with what would become of them.
func (ch *jobsChange) showPlan(plan wire.RequeuedJobs) {
	if plan.Missing != "" {
		ch.bars.Printf("%s %s\n", screen.Bad("!"), plan.Missing)
	}
	if len(plan.Groups) == 0 {
		ch.bars.Println("no such jobs")
		return
	}
	t := screen.Table{Headings: []string{"jobs\t", "queue", "error", "what becomes of them"}}
	for _, g := range plan.Groups {
		what := goesOn[g.GoesOn][0]
		if ch.verb != store.RequeueJob {
			what = ch.words.done
		}
		if g.Skipped != "" {
			what = screen.Dim("left: " + g.Skipped)
		}
		t.Rows = append(t.Rows, []string{screen.Count(int64(g.Jobs)), g.Queue, screen.Bad(g.Error), what})
	}
	ch.bars.Table(t)
	for _, b := range []struct {
		bill wire.Bill
		text string
	}{{plan.FirstRenders, "for the first time, as asked for"}, {plan.Rerenders, "and paid for, " + screen.Bad("once more")}} {
		if b.bill.Renders > 0 {
			ch.bars.Printf(" rendered %s: %s, %s\n", b.text, screen.Count(int64(b.bill.Renders)), priceOf(b.bill))
		}
	}
	if ch.dryRun {
		ch.bars.Printf("%s would be %s; nothing was done\n", counted(plan.Done, "job"), ch.words.done)
	} else if plan.Done == 0 {
		ch.bars.Printf("nothing is %s\n", ch.words.done)
	}
}

func priceOf(b wire.Bill) string {
	text := fmt.Sprintf("about $%.2f", b.USD)
	if b.Unpriced > 0 {
		text += fmt.Sprintf("; %s without a script not counted", plural(b.Unpriced, "render is", "renders are"))
	}
	return text
}

// consent asks before anything is done. --yes is no word about money: what is
// paid for once more is confirmed on its own.
func (ch *jobsChange) consent(ctx context.Context, plan wire.RequeuedJobs) error {
	price := plan.Rerenders
	switch {
	case ch.agreed && price.USD >= ch.most.USD+0.01:
		return fault.New(fault.Conflict, "rendering once more costs %s, which is more than --most-usd %g", priceOf(price), ch.most.USD).
			WithHint("nothing was done")
	case ch.agreed && price.Unpriced > 0 && price.Renders > ch.most.Renders:
		return fault.New(fault.Conflict, "%d of %s once more have no price, since they have no script to count; nothing was done",
			price.Unpriced, counted(price.Renders, "render")).
			WithHint("confirm how many are rendered with --most-renders %d", price.Renders)
	}
	unpaid := price.Renders > 0 && !ch.agreed
	switch {
	case ch.yes && !unpaid:
		return nil
	case !isTerminal(ch.stdin) && unpaid:
		return fault.New(fault.Invalid, "this is paid for once more, and there is no terminal to ask on; nothing was done").
			WithHint("confirm the price with --yes --most-usd %.2f", price.USD)
	case !isTerminal(ch.stdin):
		return fault.New(fault.Invalid, "there is no terminal to ask on; nothing was done").
			WithHint("give --yes to do it without being asked, or --dry-run to only look")
	}
	question := fmt.Sprintf(ch.words.question, counted(plan.Done, "job"))
	if price.Renders > 0 {
		question = fmt.Sprintf("Pay %s once more? ", priceOf(price)) + question
	}
	ch.bars.Printf("\n%s [y/N] ", screen.Bold(question))
	return confirmed(ctx, ch.stdin)
}

// all goes through the jobs, call by call, and never beyond what was confirmed.
func (ch *jobsChange) all(ctx context.Context, plan wire.RequeuedJobs) (sum wire.RequeuedJobs, err error) {
	bar := ch.bars.Bar(ch.words.bar, int64(plan.Done+plan.Skipped), screen.Count)
	defer bar.Close()
	r := ch.request
	left := plan.Rerenders
	start := time.Now()
	sum.Groups, sum.Jobs = []wire.JobGroup{}, []wire.JobOutcome{}
	for ids := range ch.portions() {
		r.IDs, r.Limit = ids, ch.rate.burst(wire.MaxJobs)
		for r.After = ""; ; {
			if err := ch.rate.wait(ctx, start, sum.Done); err != nil {
				return sum, err
			}
			r.MostRenders, r.MostUSD = left.Renders, left.USD
			got, err := ch.change(ctx, r)
			if err != nil {
				return sum, err
			}
			add(&sum, got)
			left.Renders, left.USD = left.Renders-got.Rerenders.Renders, left.USD-got.Rerenders.USD
			bar.Add(int64(got.Done + got.Skipped))
			if r.After = orZero(got.Next); r.After == "" {
				break
			}
		}
	}
	return sum, nil
}

// portions are the ids that each call names; one without any, if none are
// named.
func (ch *jobsChange) portions() iter.Seq[[]string] {
	if len(ch.request.IDs) == 0 {
		return slices.Values([][]string{nil})
	}
	return slices.Chunk(ch.request.IDs, ch.rate.burst(wire.MaxJobs))
}

// showLeft says what was left as it is, and why, if that was not told before.
func (ch *jobsChange) showLeft(plan, result wire.RequeuedJobs) {
	defer ch.bars.Println()
	if result.Skipped == 0 {
		return
	}
	ch.bars.Printf("%s", screen.Dim(fmt.Sprintf(" · %s left as they are", screen.Count(int64(result.Skipped)))))
	for _, g := range result.Groups {
		told := slices.ContainsFunc(plan.Groups, func(p wire.JobGroup) bool { return p.Skipped == g.Skipped })
		if g.Skipped != "" && !told {
			ch.bars.Printf("\n  %s", screen.Dim(fmt.Sprintf("%s: %s", screen.Count(int64(g.Jobs)), g.Skipped)))
		}
	}
}

// interrupted says what was done before err.
func (ch *jobsChange) interrupted(err error, done int) error {
	if done == 0 {
		return err
	}
	if errors.Is(err, context.Canceled) {
		ch.bars.Printf("%s %s before that\n", counted(done, "job"), ch.words.done)
		return err
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	return fault.Wrap(err, f.Code, "%s; %s %s before that", f.Message, counted(done, "job"), ch.words.done).
		WithHint("run the same command again: it goes on with the rest")
}

// change has the API do it, once.
func (ch *jobsChange) change(ctx context.Context, r wire.RequeueJobsRequest) (changed wire.RequeuedJobs, err error) {
	switch ch.verb {
	case store.CancelJob:
		changed.ChangedJobs, err = ch.client.Jobs.Cancel(ctx, r.ChangeJobsRequest)
	case store.DeleteJob:
		changed.ChangedJobs, err = ch.client.Jobs.Delete(ctx, r.ChangeJobsRequest)
	default:
		changed, err = ch.client.Jobs.Requeue(ctx, r)
	}
	return changed, err
}

// add takes in what came of another call.
func add(sum *wire.RequeuedJobs, more wire.RequeuedJobs) {
	sum.Done, sum.Skipped, sum.Next = sum.Done+more.Done, sum.Skipped+more.Skipped, more.Next
	sum.Jobs = append(sum.Jobs, more.Jobs...)
	sum.FirstRenders, sum.Rerenders = sum.FirstRenders.Plus(more.FirstRenders), sum.Rerenders.Plus(more.Rerenders)
	sum.Missing = cmp.Or(more.Missing, sum.Missing)
	for _, group := range more.Groups {
		i := slices.IndexFunc(sum.Groups, func(g wire.JobGroup) bool {
			g.Jobs = group.Jobs
			return g == group
		})
		if i < 0 {
			sum.Groups = append(sum.Groups, group)
			continue
		}
		sum.Groups[i].Jobs += group.Jobs
	}
}
