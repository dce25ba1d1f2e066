package sql_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/store"
	statements "heyq/store/sql"
	"heyq/store/sqlite"
)

// What is asked again and again reads the small index that is meant for it, and
// never all videos, or all of those that have ended.
func TestPlans(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyq.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	args := []any{
		sql.Named("now", 1), sql.Named("slots", 10), sql.Named("n", 10), sql.Named("user", ""), sql.Named("state", "failed"), sql.Named("heygen", "h"), sql.Named("id", "i"),
		sql.Named("redispatch", 1), sql.Named("span", 1), sql.Named("first", ""), sql.Named("size", 20), sql.Named("skip", 0),
		sql.Named("viewer", "u"), sql.Named("viewer_id", "u"), sql.Named("behind", "i"), sql.Named("most", 10),
	}
	text := func(name string) string { return statements.Text(name, statements.SQLite) }
	list := func(f store.Filter) string { return statements.ListText(store.Everyone(), f, statements.SQLite) }
	user, video := uuid.New(), uuid.New()
	seen := func(f store.Filter) string {
		return statements.ListText(store.Only(user.String()), f, statements.SQLite)
	}
	for _, c := range []struct {
		name, statement string
		indexes         []string
	}{
		{"admit", text("admit the rest"), []string{"videos_waiting", "videos_open"}},
		{"admit the unsuspected", text("admit the unsuspected"), []string{"videos_waiting", "videos_open"}},
		{"admit a probe", text("admit a probe"), []string{"videos_waiting", "videos_open"}},
		{"charge for turns", text("charge for turns"), []string{"videos_open"}},
		{"read turns", text("read turns"), []string{"videos_waiting", "videos_open"}},
		{"the backlog", text("read the backlog"), []string{"videos_waiting", "videos_open"}},
		{"claim a create", text("claim create"), []string{"videos_open"}},
		{"claim a poll", text("claim poll"), []string{"videos_open"}},
		{"claim a download", text("claim download"), []string{"videos_open"}},
		{"list failed videos", list(store.Filter{State: store.Failed}), []string{"videos_ended_as"}},
		{"list a member's videos", seen(store.Filter{}), []string{"videos_user", "SEARCH s USING PRIMARY KEY"}},
		{"list them from a cursor", seen(store.Filter{Behind: video}), []string{"videos_user", "SEARCH s USING PRIMARY KEY"}},
		{"list a member's completed videos", seen(store.Filter{State: store.Completed}), []string{"videos_user", "videos_ended_as", "SEARCH s USING PRIMARY KEY"}},
		{"list a member's own videos", seen(store.Filter{UserID: user.String()}), []string{"videos_user"}},
		{"list what a user shows a member", seen(store.Filter{UserID: "ada"}), []string{"SEARCH s USING PRIMARY KEY"}},
		{"count a member's videos", statements.CountText(store.Only(user.String()), store.Filter{}, statements.SQLite), []string{"videos_user", "SEARCH s USING PRIMARY KEY"}},
		{"list queued videos", list(store.Filter{State: store.Queued}), []string{"videos_waiting", "videos_open"}},
		{"whose render", text("look whose a render is"), []string{"videos_open", "videos_heygen_id"}},
		{"render times", text("read render times"), []string{"sqlite_autoindex_video_analytics"}},
		{"what moves", text("look what moves"), []string{"videos_open"}},
		{"count states", text("count states"), []string{"videos_waiting", "videos_open", "videos_ended_as"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rows, err := db.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+c.statement, args...)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var plan strings.Builder
			for rows.Next() {
				var id, parent, unused int
				var detail string
				if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
					t.Fatal(err)
				}
				plan.WriteString(detail + "\n")
			}
			for _, index := range []string{"videos_waiting", "videos_open", "videos_ended_as", "videos_heygen_id", "videos_user", "SEARCH s USING PRIMARY KEY", "sqlite_autoindex_video_analytics"} {
				if used, want := strings.Contains(plan.String(), index), slices.Contains(c.indexes, index); used != want {
					t.Errorf("%s used is %t, want %t:\n%s", index, used, want, &plan)
				}
			}
			for line := range strings.Lines(plan.String()) {
				if line := strings.TrimSpace(line); line == "SCAN videos" || strings.HasPrefix(line, "SCAN ") && strings.Contains(line, "sqlite_autoindex_videos") || line == "SCAN video_analytics" || strings.Contains(line, "TEMP B-TREE") && (c.name == "render times" || strings.Contains(c.name, "member")) {
					t.Errorf("all videos are read:\n%s", &plan)
				}
			}
		})
	}
}
