package operate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/internal/fault"

	"heyq/operate"
	"heyq/store"
)

func (d *desk) list(f operate.JobFilter) (ids []string) {
	d.Helper()
	var after store.JobMark
	for {
		page, err := d.board.List(d.Context(), f, after, 2)
		d.must(err)
		d.must(page.Missing)
		for _, j := range page.Jobs {
			ids = append(ids, j.ID)
		}
		if after = page.Next; after.IsZero() {
			return ids
		}
	}
}

func TestJobs_lists_rows_of_every_kind_newest_first(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.refused()
	second := d.unmeasured()
	third := d.expired()
	waiting := d.polling().Video
	failed := []string{third.String(), store.AnalysisJob.ID(second), first.String()}
	for _, c := range []struct {
		f    operate.JobFilter
		want []string
	}{
		{operate.JobFilter{}, failed},
		{operate.JobFilter{State: "failed", User: store.DefaultUser}, failed},
		{operate.JobFilter{State: "running"}, []string{waiting.String()}},
		{operate.JobFilter{State: "running", Queue: "poll"}, []string{waiting.String()}},
		{operate.JobFilter{State: "running", Kind: "video:create"}, nil},
		{operate.JobFilter{State: "waiting", Queue: "notify"}, nil},
		{operate.JobFilter{State: "waiting"}, nil},
		{operate.JobFilter{Before: time.Now().Add(-time.Hour)}, nil},
		{operate.JobFilter{Since: time.Now().Add(-time.Hour)}, failed},
	} {
		if diff := cmp.Diff(c.want, d.list(c.f)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.f, diff)
		}
	}
	groups, err := d.board.Count(t.Context(), operate.JobFilter{Queue: "download"})
	d.must(err)
	want := []operate.JobGroup{{Queue: "download", Kind: "video:download", Code: "link_expired", Way: store.WayResume, Jobs: 1}}
	if diff := cmp.Diff(want, groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func TestJobs_shows_a_job(t *testing.T) {
	t.Parallel()
	d := newDesk(t, priced)
	dead := d.dead(withScript("ten chars!"))
	got, err := d.board.Show(t.Context(), dead.String())
	d.must(err)
	if got.Kind != "video:poll" || got.Queue != "poll" || got.State != store.JobFailed || got.Way != store.WayRender ||
		got.Facts == nil || got.Facts.ID != dead || got.Bill.Renders != 1 || len(got.Actions) != 0 {
		t.Errorf("shown as %+v", got)
	}
	d.must(second(d.db.Retry(t.Context(), store.Everyone(), dead, store.Retry{NewRender: true})))
	_, err = d.db.CancelAll(t.Context(), []uuid.UUID{dead}, byAda)
	d.must(err)
	got, err = d.board.Show(t.Context(), dead.String())
	d.must(err)
	if got.State != store.JobCancelled || got.Way != store.WayFirst || len(got.Actions) != 1 || got.Actions[0].Verb != store.CancelJob {
		t.Errorf("cancelled it is shown as %+v", got)
	}
	for _, id := range []string{uuid.NewString(), "analysis:" + dead.String(), "task:poll:none", "song:1", "", "task:", "analysis:x"} {
		if _, err := d.board.Show(t.Context(), id); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%q: %v, want that there is none", id, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestJobs_refuses_filters_that_mean_nothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	now := time.Now()
	many := make([]string, operate.MostIDs+1)
	for i := range many {
		many[i] = uuid.NewString()
	}
	for _, c := range []struct {
		f     operate.JobFilter
		field string
		says  string
	}{
		{operate.JobFilter{State: "faild"}, "state", `"faild" is not known here; did you mean failed? There are failed, waiting, running`},
		{operate.JobFilter{Queue: "donwload"}, "queue", `"donwload" is not known here; did you mean download? There are create, poll, download, analytics, notify, maintenance, watch`},
		{operate.JobFilter{Kind: "video:dl"}, "kind", ""},
		{operate.JobFilter{Kind: "video:poll", Queue: "download"}, "queue", "is not where video:poll runs, which is poll; leave one of them out"},
		{operate.JobFilter{State: "waiting", Error: "x"}, "error", "goes with failed jobs; leave it out"},
		{operate.JobFilter{Since: now, Before: now.Add(-time.Hour)}, "before", "lies before since; nothing can match"},
		{operate.JobFilter{IDs: []string{"x"}}, "ids", "is no job's id"},
		{operate.JobFilter{IDs: []string{uuid.NewString()}, Queue: "poll"}, "ids", "go with no other filter; name the jobs or say what they are"},
		{operate.JobFilter{IDs: many}, "ids", "are more than 1000; give fewer at once"},
	} {
		_, err := d.board.List(t.Context(), c.f, store.JobMark{}, 1)
		d.wantField(err, c.field, c.says)
	}
	_, err := d.board.Requeue(t.Context(), operate.RequeueRequest{Limit: 1}, byAda)
	d.wantField(err, "state", "is empty, as is every other filter; failed means all of them")
	_, err = d.board.Cancel(t.Context(), operate.ChangeRequest{Limit: 1}, byAda)
	d.wantField(err, "state", "is empty, as is every other filter; open means all of them")
	_, err = d.board.Requeue(t.Context(), operate.RequeueRequest{JobFilter: operate.JobFilter{State: "running"}, Limit: 1}, byAda)
	d.wantField(err, "state", `"running" is not known here; did you mean failed? There are failed`)
}

func (d *desk) wantField(err error, name, message string) {
	d.Helper()
	f, ok := err.(*fault.Error)
	if !ok || f.Code != fault.Invalid {
		d.Errorf("got %v, want a word about %s", err, name)
		return
	}
	i := slices.IndexFunc(f.Fields, func(f fault.Field) bool { return f.Name == name })
	if i < 0 || message != "" && f.Fields[i].Message != message {
		d.Errorf("got %v, want %s: %s", err, name, message)
	}
}
