package main

import (
	"github.com/spf13/cobra"

	"heyq/store"
)

func (p *program) jobsCancel() *cobra.Command {
	c := &cobra.Command{
		Use:   "cancel [ID...]",
		Short: "End videos that wait or run",
		Long: `End videos that wait or run: these ones, or all that the flags let through;
--state open means every one.

HeyGen knows no cancel: what it has begun it may finish and bill.`,
		Example: `  heyq jobs cancel --state waiting --queue create --user ada`,
	}
	ch := &jobsChange{verb: store.CancelJob, words: changeWords{
		bar: "cancelled", done: "cancelled", question: "Cancel %s? HeyGen may still bill what it has begun.",
	}}
	f := jobsFilter(c, "open", "waiting", "running")
	p.changeJobs(c, ch, f, "running", "waiting")
	return c
}
