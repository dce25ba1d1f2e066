package operate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/operate"
	"heyq/store"
)

// priced is a desk where a character costs a cent.
func priced(o *operate.JobsOptions) { o.PricePerSecond = 0.15 }

func withScript(script string) func(*jobs.NewVideo) {
	return func(v *jobs.NewVideo) { v.Script = script }
}

func (d *desk) requeue(r operate.RequeueRequest) operate.Report {
	d.Helper()
	if r.Limit == 0 {
		r.Limit = 1000
	}
	report, err := d.board.Requeue(d.Context(), r, byAda)
	d.must(err)
	return report
}

// unsure needs review: whether HeyGen has it is more than heyq can tell.
func (d *desk) unsure() uuid.UUID {
	d.Helper()
	r := d.sending()
	d.end(store.NotFound(r, false))
	return r.Video
}

func outcomes(r operate.Report) map[string]string {
	m := map[string]string{}
	for _, o := range r.Jobs {
		m[o.ID] = o.Skipped
	}
	return m
}

func TestRequeue_goes_on_from_the_failed_step(t *testing.T) {
	t.Parallel()
	d := newDesk(t, priced)
	expired, refused, dead := d.expired(), d.refused(withScript("twelve chars")), d.dead(withScript("ten chars!"))

	want := operate.Report{
		DryRun: true, Done: 2, Skipped: 1,
		First: operate.Bill{Renders: 1, USD: 0.12},
		Groups: []operate.JobGroup{
			{Queue: "create", Kind: "video:create", Code: "voice_not_found", Way: store.WayFirst, Jobs: 1},
			{Queue: "download", Kind: "video:download", Code: "link_expired", Way: store.WayResume, Jobs: 1},
			{
				Queue: "poll", Kind: "video:poll", Code: "render_failed", Way: store.WayRender, Jobs: 1,
				Skipped: "it would be rendered and paid for once more; rerender allows that",
			},
		},
	}
	all := operate.JobFilter{State: "failed"}
	byQueue := cmpopts.SortSlices(func(a, b operate.JobGroup) bool { return a.Queue < b.Queue })
	near := cmpopts.EquateApprox(0, 1e-9)
	if diff := cmp.Diff(want, d.requeue(operate.RequeueRequest{JobFilter: all, DryRun: true}), byQueue, near); diff != "" {
		t.Errorf("a rehearsal (-want +got):\n%s", diff)
	}
	if v := d.video(expired); v.State != store.Failed || d.woken.Load() != 0 {
		t.Fatalf("a rehearsal left it %s and woke %d times", v.State, d.woken.Load())
	}

	got := d.requeue(operate.RequeueRequest{JobFilter: all})
	want.DryRun = false
	if diff := cmp.Diff(want, got, byQueue, near, cmpopts.IgnoreFields(operate.Report{}, "Jobs")); diff != "" {
		t.Errorf("the requeue (-want +got):\n%s", diff)
	}
	skipped := outcomes(got)
	if len(skipped) != 3 || skipped[expired.String()] != "" || skipped[dead.String()] == "" || got.Jobs[0].ID != dead.String() {
		t.Errorf("outcomes, newest first: %+v", got.Jobs)
	}
	if v := d.video(expired); v.State != store.Rendering || v.HeyGenID == "" || v.Submission != 1 {
		t.Errorf("the download goes on as %+v, want from its render", v)
	}
	if v := d.video(refused); v.State != store.Queued || v.Submission != 2 {
		t.Errorf("the create goes on as %+v, want anew", v)
	}
	if v := d.video(dead); v.State != store.Failed || d.woken.Load() != 1 {
		t.Errorf("the dead render is %s, the dispatcher was woken %d times", v.State, d.woken.Load())
	}
	actions, err := d.db.Actions(t.Context(), expired.String(), 9)
	d.must(err)
	if len(actions) != 1 || actions[0].By != byAda || actions[0].Verb != store.RequeueJob {
		t.Errorf("written down: %+v", actions)
	}
}

func TestRequeue_by_what_failed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		f    operate.JobFilter
		want string
	}{
		{operate.JobFilter{Queue: "download"}, "expired"},
		{operate.JobFilter{Kind: "video:download", Error: "link_expired"}, "expired"},
		{operate.JobFilter{Queue: "download", Error: "voice_not_found"}, ""},
		{operate.JobFilter{Error: "voice_not_found"}, "refused"},
		{operate.JobFilter{Queue: "analytics"}, "unmeasured"},
		{operate.JobFilter{Kind: "video:analyze"}, "unmeasured"},
		{operate.JobFilter{Error: "not_measured"}, "unmeasured"},
		{operate.JobFilter{Queue: "maintenance"}, ""},
		{operate.JobFilter{User: "nobody"}, ""},
		{operate.JobFilter{State: "failed"}, "expired refused unmeasured"},
	} {
		t.Run(fmt.Sprintf("%+v", c.f), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			names := map[string]string{
				d.expired().String(): "expired", d.refused().String(): "refused", "analysis:" + d.unmeasured().String(): "unmeasured",
			}
			var got []string
			for _, o := range d.requeue(operate.RequeueRequest{JobFilter: c.f}).Jobs {
				if o.Skipped != "" {
					t.Errorf("%s: %s", names[o.ID], o.Skipped)
				}
				got = append(got, names[o.ID])
			}
			slices.Sort(got)
			if strings.Join(got, " ") != c.want {
				t.Errorf("queued again: %v, want %s", got, c.want)
			}
		})
	}
}

func TestRequeue_by_id_says_why_not(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	expired, running, unsure, unmeasured, nobody := d.expired(), d.polling().Video, d.unsure(), d.unmeasured(), uuid.New()
	want := map[string]string{
		expired.String():                      "",
		running.String():                      "it has not failed",
		unsure.String():                       "a person has to look at HeyGen's list first, and then resolve the video",
		unmeasured.String():                   "it is completed, and a completed video never renders again; verify and refetch it to have a lost file fetched again",
		store.AnalysisJob.ID(unmeasured):      "",
		store.AnalysisJob.ID(nobody):          "there is no such job",
		store.NotificationJob.ID(nobody):      "there is no such job",
		nobody.String():                       "there is no such job",
		"task:download:video:download:gone:1": "there is no such job",
	}
	var ids []string
	for id := range want {
		ids = append(ids, id, id) // twice, as a list may have them
	}
	all := operate.RequeueRequest{JobFilter: operate.JobFilter{IDs: ids}, Rerender: true, Most: operate.Bill{Renders: 9, USD: 9}}
	got := d.requeue(all)
	if diff := cmp.Diff(want, outcomes(got)); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if got.Done != 2 || got.Skipped != 7 {
		t.Errorf("%d done and %d skipped, want 2 and 7", got.Done, got.Skipped)
	}
	all.DryRun = true
	if again := d.requeue(all); again.Done != 0 || again.Skipped != 9 || again.Jobs != nil {
		t.Errorf("once more it would be %+v", again)
	}
}

func TestRequeue_renders_again_only_what_somebody_has_confirmed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, priced)
	dead := d.dead(withScript("ten chars!"))
	silent := d.dead(func(v *jobs.NewVideo) { v.Script, v.AudioURL = "", "https://example.com/a.mp3" })
	r := operate.RequeueRequest{JobFilter: operate.JobFilter{Error: "render_failed"}, Rerender: true, DryRun: true}
	bill := d.requeue(r).Again
	if diff := cmp.Diff(operate.Bill{Renders: 2, USD: 0.10, Unpriced: 1}, bill, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Fatalf("the price (-want +got):\n%s", diff)
	}
	r.DryRun, r.Limit = false, 1000
	for _, most := range []operate.Bill{{}, {Renders: 1, USD: 9}, {Renders: 2, USD: 0.05}} {
		r.Most = most
		_, err := d.board.Requeue(t.Context(), r, byAda)
		if fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "2 videos would be rendered") {
			t.Errorf("with %+v confirmed: %v", most, err)
		}
	}
	if d.video(dead).State != store.Failed || d.woken.Load() != 0 {
		t.Fatal("it was queued without a confirmed price")
	}
	// One at a time, the caller takes off what was paid.
	left, again := bill, 0
	r.Limit = 1
	for {
		r.Most = left
		got := d.requeue(r)
		again += got.Done
		left = operate.Bill{Renders: left.Renders - got.Again.Renders, USD: left.USD - got.Again.USD}
		if r.After = got.Next; got.Next.IsZero() {
			break
		}
	}
	for _, id := range []uuid.UUID{dead, silent} {
		if v := d.video(id); v.State != store.Queued || v.Submission != 2 {
			t.Errorf("%s is %s, submission %d", id, v.State, v.Submission)
		}
	}
	if again != 2 || left.Renders != 0 {
		t.Errorf("%d were rendered again, %+v is left", again, left)
	}
}

func TestRequeue_page_by_page(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const all = 7
	for range all {
		d.refused()
	}
	d.dead()
	r := operate.RequeueRequest{JobFilter: operate.JobFilter{State: "failed"}, Limit: 3}
	done, skipped, calls := 0, 0, 0
	for {
		got := d.requeue(r)
		done, skipped, calls = done+got.Done, skipped+got.Skipped, calls+1
		if r.After = got.Next; got.Next.IsZero() {
			break
		}
	}
	if done != all || skipped != 1 || calls != 3 {
		t.Errorf("%d done and %d skipped in %d calls", done, skipped, calls)
	}
}
