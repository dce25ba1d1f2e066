package main

import (
	"github.com/spf13/cobra"

	"heyq/store"
)

func (p *program) jobsRequeue() *cobra.Command {
	c := &cobra.Command{
		Use:   "requeue [ID...]",
		Short: "Queue failed jobs again",
		Long: `Queue failed jobs again: these ones, or all that the flags let through.

Each goes on from the step that failed, as a fresh task with fresh attempts. A
download goes on from the render that HeyGen has; a completed video never renders
again. Where going on means to render, and to pay, once more, the job is left as
it is, unless --rerender is given and the price confirmed: at the question, or
with --most-usd.

It is counted first, and nothing happens before you say yes.`,
		Example: `  heyq jobs requeue --queue download --error link_expired --since 2h
  heyq jobs requeue --state failed --dry-run
  heyq jobs requeue --error render_failed --rerender
  heyq jobs requeue --queue notify --yes --rate 50/s`,
	}
	ch := &jobsChange{verb: store.RequeueJob, words: changeWords{bar: "requeued", done: "queued again", question: "Queue %s again?"}}
	f := jobsFilter(c, "failed")
	errorFlag(c, f)
	c.Flags().BoolVar(&ch.request.Rerender, "rerender", false, "also render, and pay, once more where that is what it takes")
	c.Flags().Float64Var(&ch.most.USD, "most-usd", 0, "with --rerender: confirm that it may cost this much, without being asked")
	c.Flags().IntVar(&ch.most.Renders, "most-renders", 0, "with --most-usd: how many, where the price of some is not known")
	p.changeJobs(c, ch, f, "failed")
	return c
}
