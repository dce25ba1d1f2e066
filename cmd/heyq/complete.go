package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"heyq/cmd/heyq/internal/screen"
	"heyq/jobs"
	"heyq/store"
)

// Completing asks the heyq at HEYQ_URL, and a person waits at a prompt.
const (
	completeWithin = time.Second
	completeMost   = 100
)

// complete tells shells what may follow on the command line, by the word that a
// command's usage has for its argument and by the names of flags. If that
// says nothing, nothing is offered: a command that takes no file offers none.
func (p *program) complete(root *cobra.Command) {
	videos := p.videoIDs
	queues := cobra.FixedCompletions(words(jobs.Queues), cobra.ShellCompDirectiveNoFileComp)
	folders := cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	arguments := map[string]cobra.CompletionFunc{
		"videos ID": videos, "VIDEO": videos, "QUEUE": queues, "DIR": folders,
		"JOB":        cobra.FixedCompletions(jobs.ScheduledNames(), cobra.ShellCompDirectiveNoFileComp),
		"FILE":       cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault),
		"FILE.jsonl": cobra.FixedCompletions([]string{"jsonl"}, cobra.ShellCompDirectiveFilterFileExt),
		"FILE.csv":   cobra.FixedCompletions([]string{"csv"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags := map[string]cobra.CompletionFunc{
		"video": videos, "queue": queues, "dir": folders,
		"error": p.errorCodes,
		"state": cobra.FixedCompletions(words(store.States), cobra.ShellCompDirectiveNoFileComp),
		"kind":  cobra.FixedCompletions(jobs.Kinds, cobra.ShellCompDirectiveNoFileComp),
	}
	eachCommand(root, func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if fn := flags[f.Name]; fn != nil {
				_ = c.RegisterFlagCompletionFunc(f.Name, fn) // it fails only for a flag that is not there
			}
		})
		if c.ValidArgsFunction != nil {
			return
		}
		c.ValidArgsFunction = cobra.NoFileCompletions
		word := argument(c)
		if c.HasParent() && arguments[c.Parent().Name()+" "+word] != nil {
			word = c.Parent().Name() + " " + word
		}
		if fn := arguments[word]; fn != nil {
			c.ValidArgsFunction = fn
		}
	})
}

// argument is the word for the first argument in c's usage: FILE.csv of
// "import FILE.csv", ID of "watch ID...".
func argument(c *cobra.Command) string {
	_, rest, _ := strings.Cut(c.Use, " ")
	word, _, _ := strings.Cut(rest, " ")
	return strings.Trim(word, "[].")
}

// videoIDs offers the ids of the newest videos that are not on the line yet,
// each with the state and the title of the video. If no heyq answers, it offers
// none.
func (p *program) videoIDs(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	ctx, cancel := context.WithTimeout(c.Context(), completeWithin)
	defer cancel()
	client, _, err := p.client()
	if err != nil {
		return nil, directive
	}
	newest, err := client.Videos.List(ctx, "", 1, completeMost)
	if err != nil {
		return nil, directive
	}
	given := map[string]bool{}
	for _, id := range args {
		given[id] = true
	}
	var offered []cobra.Completion
	for _, v := range newest.Videos {
		if !given[v.ID] {
			offered = append(offered, cobra.CompletionWithDesc(v.ID, screen.Clean(strings.TrimSpace(string(v.State)+" "+humanTitle(v.Title)))))
		}
	}
	return offered, directive
}

// words writes names as plain text.
func words[T ~string](names []T) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = string(name)
	}
	return list
}
