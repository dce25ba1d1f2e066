package sql

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"heyq/internal/testkit/golden"
	"heyq/store"
)

// TestStatements shows each statement as both databases take it, so that a change of
// one is seen for both. Of those that are put together, some are shown.
func TestStatements(t *testing.T) {
	t.Parallel()
	list := slices.Clone(fixed)
	for _, f := range []store.Filter{{}, {UserID: "ada", State: store.Queued}, {State: store.Failed}} {
		list = append(list, countMatching(store.Only("ada"), f), listMatching(store.Only("ada"), f))
		list = append(list, countMatching(store.Everyone(), f), listMatching(store.Everyone(), f))
	}
	for _, f := range []store.JobFilter{
		{Kind: store.VideoJob},
		{Kind: store.VideoJob, Open: true, State: store.JobRunning, Step: store.Poll, UserID: "ada"},
		{Kind: store.AnalysisJob},
		{Kind: store.NotificationJob},
	} {
		q, err := jobQueryOf(f)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, q.list(), q.count())
	}
	slices.SortStableFunc(list, func(a, b *Statement) int { return cmp.Compare(a.Name, b.Name) })
	var got strings.Builder
	for _, s := range list {
		fmt.Fprintf(&got, "-- %s, in Postgres (%s)\n%s\n-- in SQLite\n%s\n\n", s.Name, strings.Join(s.in(Postgres).names, ", "), tidy(s.in(Postgres).sql), tidy(s.in(SQLite).sql))
	}
	golden.Want(t, "testdata/statements.sql", got.String())
}

// tidy takes off the indentation, and the ends of lines that marks have emptied.
func tidy(text string) string {
	var lines []string
	for line := range strings.Lines(strings.TrimSpace(text)) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}
