package main

import (
	"github.com/spf13/cobra"

	"heyq/store"
)

func (p *program) jobsDelete() *cobra.Command {
	c := &cobra.Command{
		Use:   "delete [ID...]",
		Short: "Forget jobs that have ended",
		Long: `Forget jobs that have ended: these ones, or all failed ones that the flags let
through.

A video goes with its file and all that belongs to it. What is open, or held by
HeyGen, stays. What operators did to a job stays on record.`,
		Example: `  heyq jobs delete --state failed --before 30d
  heyq jobs delete task:maintenance:4711`,
	}
	ch := &jobsChange{verb: store.DeleteJob, words: changeWords{
		bar: "deleted", done: "deleted", question: "Delete %s for good, with all files?",
	}}
	f := jobsFilter(c, "failed")
	errorFlag(c, f)
	p.changeJobs(c, ch, f, "failed")
	return c
}
