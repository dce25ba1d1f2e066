package operate_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/internal/fault"

	"heyq/operate"
	"heyq/store"
)

func TestCancel_ends_what_has_not_ended(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	running, failed, done := d.polling().Video, d.expired(), d.unmeasured()
	d.must(second(d.board.Requeue(t.Context(), operate.RequeueRequest{JobFilter: operate.JobFilter{IDs: []string{failed.String()}}, Limit: 1}, byAda)))
	rehearsal, err := d.board.Cancel(t.Context(), operate.ChangeRequest{JobFilter: operate.JobFilter{Queue: "poll"}, DryRun: true}, byAda)
	d.must(err)
	want := []operate.JobGroup{{Queue: "poll", Kind: "video:poll", Jobs: 2}}
	if diff := cmp.Diff(want, rehearsal.Groups); diff != "" || rehearsal.Done != 2 {
		t.Errorf("a rehearsal: %d done (-want +got):\n%s", rehearsal.Done, diff)
	}
	got, err := d.board.Cancel(t.Context(), operate.ChangeRequest{JobFilter: operate.JobFilter{State: "running"}, Limit: 10}, byAda)
	d.must(err)
	if got.Done != 1 || got.Jobs[0].ID != running.String() || got.Jobs[0].Note != "cancelled; it was rendering" || d.woken.Load() != 2 {
		t.Errorf("got %+v", got)
	}
	ids := []string{running.String(), failed.String(), done.String(), store.AnalysisJob.ID(done), uuid.NewString()}
	got, err = d.board.Cancel(t.Context(), operate.ChangeRequest{JobFilter: operate.JobFilter{IDs: ids}, Limit: 10}, byAda)
	d.must(err)
	if diff := cmp.Diff(map[string]string{
		running.String():           "it has ended, and cannot be cancelled",
		failed.String():            "",
		done.String():              "it has ended, and cannot be cancelled",
		store.AnalysisJob.ID(done): "only videos can be cancelled",
		ids[4]:                     "there is no such job",
	}, outcomes(got)); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestDelete_forgets_what_has_ended(t *testing.T) {
	t.Parallel()
	var removed []string
	broken := errors.New("the bucket is gone")
	var failing error
	d := newDesk(t, func(o *operate.JobsOptions) {
		o.DeleteFiles = func(_ context.Context, prefix string) error {
			removed = append(removed, prefix)
			return failing
		}
	})
	refused, done, other, running := d.refused(), d.unmeasured(), d.unmeasured(), d.polling().Video
	got, err := d.board.Delete(t.Context(), operate.ChangeRequest{JobFilter: operate.JobFilter{State: "failed"}, Limit: 10}, byAda)
	d.must(err)
	if diff := cmp.Diff(map[string]string{refused.String(): "", store.AnalysisJob.ID(done): "", store.AnalysisJob.ID(other): ""}, outcomes(got)); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if _, err := d.db.Video(t.Context(), store.Everyone(), refused); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("it is still there: %v", err)
	}
	d.video(done) // its analysis alone was deleted
	notes := func(ids ...string) map[string]string {
		t.Helper()
		got, err := d.board.Delete(t.Context(), operate.ChangeRequest{JobFilter: operate.JobFilter{IDs: ids}, Limit: 10}, byAda)
		d.must(err)
		said := map[string]string{}
		for _, o := range got.Jobs {
			said[o.ID] = o.Note + o.Skipped
		}
		return said
	}
	if diff := cmp.Diff(map[string]string{done.String(): "deleted with its files", running.String(): "it has not ended; cancel it first, or wait"},
		notes(done.String(), running.String())); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	failing = broken
	if diff := cmp.Diff(map[string]string{other.String(): "deleted; store:sweep will remove its files under videos/1/1/"}, notes(other.String())); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"videos/1/1/", "videos/1/1/"}, removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
}
