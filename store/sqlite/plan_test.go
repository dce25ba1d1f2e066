package sqlite

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"heyq/store"
)

// What is asked again and again reads the small index that is meant for it, and
// never all videos, or all of those that have ended.
func TestPlans(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "heyq.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	args := []any{
		sql.Named("now", 1), sql.Named("slots", 10), sql.Named("n", 10), sql.Named("user", ""), sql.Named("state", "failed"), sql.Named("heygen", "h"), sql.Named("id", "i"),
	}
	list := func(f store.Filter) string { return `SELECT * ` + matching(f) + ` ORDER BY id DESC LIMIT 20` }
	for _, c := range []struct {
		name, statement string
		indexes         []string
	}{
		{"admit", admissible(`true`), []string{"videos_waiting", "videos_open"}},
		{"admit the unsuspected", admissible(unsuspected), []string{"videos_waiting", "videos_open"}},
		{"claim a create", dueFor(store.Create), []string{"videos_open"}},
		{"claim a poll", dueFor(store.Poll), []string{"videos_open"}},
		{"claim a download", dueFor(store.Download), []string{"videos_open"}},
		{"list failed videos", list(store.Filter{State: store.Failed}), []string{"videos_ended_as"}},
		{"list queued videos", list(store.Filter{State: store.Queued}), []string{"videos_waiting", "videos_open"}},
		{"whose render", whoseRender, []string{"videos_open", "videos_heygen_id"}},
		{"render times", renderTimes, []string{"sqlite_autoindex_video_analytics"}},
		{"count states", statesCounted, []string{"videos_waiting", "videos_open", "videos_ended_as"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var plan strings.Builder
			_, err := collect(t.Context(), db.reader, func(row scanner) (detail string, err error) {
				var id, parent, unused int
				err = row.Scan(&id, &parent, &unused, &detail)
				plan.WriteString(detail + "\n")
				return detail, err
			}, `EXPLAIN QUERY PLAN `+c.statement, args...)
			if err != nil {
				t.Fatal(err)
			}
			for _, index := range []string{"videos_waiting", "videos_open", "videos_ended_as", "videos_heygen_id", "sqlite_autoindex_video_analytics"} {
				if used, want := strings.Contains(plan.String(), index), slices.Contains(c.indexes, index); used != want {
					t.Errorf("%s used is %t, want %t:\n%s", index, used, want, &plan)
				}
			}
			for line := range strings.Lines(plan.String()) {
				if line := strings.TrimSpace(line); line == "SCAN videos" || line == "SCAN video_analytics" || strings.Contains(line, "TEMP B-TREE") && c.name == "render times" {
					t.Errorf("all videos are read:\n%s", &plan)
				}
			}
		})
	}
}
