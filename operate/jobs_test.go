package operate_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"heyq/jobs"
	"heyq/operate"
	"heyq/store"
	"heyq/store/sqlite"
	"heyq/store/sqlite/sqlitetest"
)

// hello is a request without a fault.
var hello = jobs.NewVideo{Render: jobs.Render{Script: "Hello Ada", AvatarID: "avatar_1"}}

// desk are the jobs on a store of its own, and what brings videos to their ends.
type desk struct {
	*testing.T
	db    *sqlite.Store
	board *operate.Jobs
	woken atomic.Int32
	made  int
}

var byAda = store.Actor{Who: "operator ada", RequestID: "r-1"}

func newDesk(t *testing.T, change ...func(*operate.JobsOptions)) *desk {
	t.Helper()
	db := sqlitetest.Open(t)
	d := &desk{T: t, db: db}
	o := operate.JobsOptions{Store: db, Wake: func() { d.woken.Add(1) }}
	for _, c := range change {
		c(&o)
	}
	d.board = operate.NewJobs(o)
	return d
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// sending is a new video that is being sent to HeyGen.
func (d *desk) sending(change ...func(*jobs.NewVideo)) store.Run {
	d.Helper()
	v := hello
	for _, c := range change {
		c(&v)
	}
	prepared, err := v.Prepare()
	d.must(err)
	_, err = d.db.CreateVideos(d.Context(), store.Creation{Videos: []store.NewVideo{prepared}})
	d.must(err)
	claims, err := d.db.Admit(d.Context(), 100)
	d.must(err)
	runs, err := d.db.Begin(d.Context(), store.Create, claims)
	d.must(err)
	if len(runs) != 1 {
		d.Fatalf("%d began, want 1", len(runs))
	}
	return runs[0]
}

func (d *desk) end(e store.End) store.Ended {
	d.Helper()
	ended, err := d.db.End(d.Context(), []store.End{e})
	d.must(err)
	if len(ended) != 1 {
		d.Fatalf("the end of %s matched nothing", e.State)
	}
	return ended[0]
}

func (d *desk) polling(change ...func(*jobs.NewVideo)) store.Run {
	d.Helper()
	d.made++
	d.end(store.Accepted(d.sending(change...), fmt.Sprintf("hg-%d", d.made), 0))
	claims, err := d.db.Claim(d.Context(), store.Poll, 10)
	d.must(err)
	runs, err := d.db.Begin(d.Context(), store.Poll, claims)
	d.must(err)
	return runs[0]
}

func (d *desk) downloading(change ...func(*jobs.NewVideo)) store.Run {
	d.Helper()
	ended := d.end(store.Rendered(d.polling(change...)))
	runs, err := d.db.Begin(d.Context(), store.Download, []store.Claim{*ended.Next})
	d.must(err)
	return runs[0]
}

// expired failed in its download, refused before anything was created, and dead
// at HeyGen, who billed it.
func (d *desk) expired() uuid.UUID {
	d.Helper()
	r := d.downloading()
	d.end(store.GaveUp(r, store.Failure{Code: "link_expired", Message: "the link has expired", Step: store.Download}, 0))
	return r.Video
}

func (d *desk) refused(change ...func(*jobs.NewVideo)) uuid.UUID {
	d.Helper()
	r := d.sending(change...)
	d.end(store.Refused(r, store.Failure{Code: "voice_not_found", Message: "no such voice", Step: store.Create}, 0, nil))
	return r.Video
}

func (d *desk) dead(change ...func(*jobs.NewVideo)) uuid.UUID {
	d.Helper()
	r := d.polling(change...)
	d.end(store.RenderFailed(r, store.Failure{Code: "render_failed", Message: "it broke", Step: store.Poll}))
	return r.Video
}

// unmeasured is completed, and its analysis was given up.
func (d *desk) unmeasured() uuid.UUID {
	d.Helper()
	r := d.downloading()
	d.end(store.Downloaded(r, "videos/1/1/", store.File{}))
	_, err := d.db.ClaimAnalyses(d.Context(), 10)
	d.must(err)
	d.must(d.db.FailAnalyses(d.Context(), []uuid.UUID{r.Video}, 0, 1))
	return r.Video
}

func (d *desk) video(id uuid.UUID) store.Video {
	d.Helper()
	v, err := d.db.Video(d.Context(), store.Everyone(), id)
	d.must(err)
	return v
}

func TestJobs_requeues_the_rows_of_a_task_and_renders_nothing_anew(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	expired, refused, dead := d.expired(), d.refused(), d.dead()
	running, unmeasured := d.polling().Video, d.unmeasured()
	gone := d.refused()
	_, err := d.db.Retry(t.Context(), store.Everyone(), gone, store.Retry{})
	d.must(err)
	_, _, err = d.db.Cancel(t.Context(), store.Everyone(), gone)
	d.must(err)

	for i, c := range []struct {
		rows operate.Rows
		want int
	}{
		{operate.Rows{Kind: store.VideoJob, IDs: []uuid.UUID{expired, refused, dead, running, gone, unmeasured, uuid.New()}}, 2},
		{operate.Rows{Kind: store.AnalysisJob, IDs: []uuid.UUID{unmeasured, expired}}, 1},
	} {
		n, err := d.board.RequeueRows(t.Context(), c.rows, byAda)
		d.must(err)
		if woken := int(d.woken.Load()); n != c.want || woken != i+1 {
			t.Errorf("%v: %d were queued again, and the dispatcher woken %d times; want %d and %d", c.rows, n, woken, c.want, i+1)
		}
	}
	for id, want := range map[uuid.UUID]store.State{
		expired: store.Rendering, refused: store.Queued, dead: store.Failed, running: store.Rendering, gone: store.Cancelled, unmeasured: store.Completed,
	} {
		if v := d.video(id); v.State != want {
			t.Errorf("%s is %s, want %s", id, v.State, want)
		}
	}
	if v := d.video(expired); v.Submission != 1 || v.HeyGenID == "" {
		t.Errorf("resumed as %+v, want the render that was paid for", v)
	}
	claims, err := d.db.ClaimAnalyses(t.Context(), 10)
	d.must(err)
	if len(claims) != 1 || claims[0].Video != unmeasured {
		t.Errorf("due for analysis: %v", claims)
	}

	// The task is still in the archive, and an operator presses the button
	// again.
	again, err := d.board.RequeueRows(t.Context(), operate.Rows{Kind: store.VideoJob, IDs: []uuid.UUID{expired, dead}}, byAda)
	d.must(err)
	if again != 0 || d.woken.Load() != 2 {
		t.Errorf("%d were queued again that run already", again)
	}
}
