package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"heyq/client"
	"heyq/internal/testkit"
	"heyq/wire"
)

// ward is a heyq whose HeyGen refuses what is called refused and breaks what is
// called dead, until it is healed.
type ward struct {
	*testing.T
	environ   []string
	simulator string
}

func newWard(t *testing.T) *ward {
	t.Helper()
	faults := filepath.Join(t.TempDir(), "faults.json")
	err := os.WriteFile(faults, []byte(`{"seed":1,"rules":[
		{"on":"create","fault":"invalid","title":"refused"}, {"on":"status","fault":"failed_legacy","title":"dead"}]}`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	w := &ward{T: t}
	w.simulator = serve(t, nil, "simulator at ", "simulator", "--addr", "127.0.0.1:0", "--render-time", "50ms", "--faults", faults)
	up := []string{"HEYGEN_API_KEY=any", "HEYGEN_API_URL=" + w.simulator, "HEYQ_POLL_INTERVAL=100ms", "HEYQ_PRICE_PER_SECOND=0.15"}
	dir := t.TempDir()
	w.environ = []string{"HEYQ_DIR=" + dir, "HEYQ_URL=" + serve(t, up, "API ", "up", "--dir", dir, "--addr", "127.0.0.1:0")}
	return w
}

func (w *ward) heal() {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), http.MethodDelete, w.simulator+"/_sim/faults", nil)
	if err != nil {
		w.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	answer.Body.Close()
}

func (w *ward) heyq(args ...string) outcome {
	w.Helper()
	return heyq(w.T, w.environ, args...)
}

// create makes a video and returns its id. Its script has ten characters.
func (w *ward) create(title string) string {
	w.Helper()
	return decode[struct{ ID string }](w.T, w.heyq("videos", "create", "--json",
		"--title", title, "--script", "ten chars!", "--avatar-id", "avatar_1", "--voice-id", "voice_1").wantOK(w.T)).ID
}

// eventually waits until n videos are in a state.
func (w *ward) eventually(state string, n int) {
	w.Helper()
	testkit.Eventually(w.T, func() error {
		list := decode[client.VideoList](w.T, w.heyq("videos", "list", "--json", "--state", state).wantOK(w.T))
		if list.Pagination.Total != n {
			return fmt.Errorf("%d videos are %s, want %d", list.Pagination.Total, state, n)
		}
		return nil
	})
}

func TestE2E_jobs(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	refused := []string{w.create("refused 1"), w.create("refused 2"), w.create("refused 3")}
	dead, fine := w.create("dead"), w.create("fine")
	w.eventually("failed", 4)
	w.eventually("completed", 1)

	w.heyq("jobs", "list").wantOK(t).want(t, 0, refused[0], dead, "invalid_parameter", "4 failed jobs", "paid again",
		"heyq jobs requeue --queue create --error invalid_parameter")
	w.heyq("jobs", "list", "--since", "1h", "--queue", "poll").wantOK(t).want(t, 0, "1 failed job", dead)
	w.heyq("jobs", "list", "--before", "2020-01-01").wantOK(t).want(t, 0, "no failed jobs")
	w.heyq("jobs", "list", "--state", "running").wantOK(t)
	w.heyq("jobs", "show", dead).wantOK(t).want(t, 0, "in queue poll", "renders, and is paid for, once more, for about $0.10",
		"heyq jobs requeue --rerender "+dead)

	w.heyq("jobs", "requeue", "--state", "failed", "--dry-run").wantOK(t).want(t, 0,
		"3 jobs would be queued again; nothing was done", "rendered for the first time, as asked for: 3, about $0.30", "left: it would be rendered and paid for once more")
	w.heyq("jobs", "requeue", "--queue", "create").want(t, 2, "no terminal to ask on; nothing was done", "--yes")
	w.heyq("jobs", "requeue", "--yes").want(t, 2, "does not say which jobs are meant", "failed means all of them")
	w.heyq("jobs", "requeue", "--queue", "creat").want(t, 2, "did you mean create?")
	w.heyq("jobs", "requeue", "--queue", "notify", "--yes").wantOK(t).want(t, 0, "no such jobs")
	left := decode[wire.RequeuedJobs](t, w.heyq("jobs", "requeue", fine, "--yes", "--json"))
	if left.Done != 0 || left.Skipped != 1 {
		t.Errorf("a completed video: %+v", left)
	}
	w.heyq("jobs", "requeue", fine, "--yes").want(t, 4, fine+": it is completed, and a completed video never renders again; verify and refetch it to have a lost file fetched again")

	w.heal()
	got := decode[wire.RequeuedJobs](t, w.heyq("jobs", "requeue", "--queue", "create", "--yes", "--rate", "100/s", "--json").wantOK(t))
	if got.Done != 3 || got.Skipped != 0 || len(got.Jobs) != 3 || got.FirstRenders.Renders != 3 {
		t.Errorf("got %+v", got)
	}
	w.heyq("jobs", "requeue", dead, "--yes").want(t, 4, "paid for once more")
	w.heyq("jobs", "requeue", dead, "--yes", "--rerender").want(t, 2, "no terminal to ask on; nothing was done", "--most-usd 0.10")
	w.heyq("jobs", "requeue", dead, "--yes", "--rerender", "--most-usd", "0.05").want(t, 4, "more than --most-usd 0.05")
	w.heyq("jobs", "requeue", dead, "--yes", "--rerender", "--most-usd", "0.10").wantOK(t).want(t, 0, "1 job queued again")
	w.eventually("completed", 5)
	w.heyq("jobs", "show", dead).wantOK(t).want(t, 0, "completed", "operator", "queued as submission 2")
	if n := len(decode[wire.JobDetails](t, w.heyq("jobs", "show", refused[0], "--json").wantOK(t)).Actions); n != 1 {
		t.Errorf("%d actions are written down, want 1", n)
	}
}

func TestE2E_jobs_cancelled_and_deleted(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	refused := []string{w.create("refused 1"), w.create("refused 2")}
	w.eventually("failed", 2)
	w.heyq("admission", "pause").wantOK(t)
	waiting := w.create("waits")
	w.heyq("jobs", "list", "--state", "waiting").wantOK(t).want(t, 0, waiting, "1 waiting job")
	w.heyq("jobs", "delete", waiting, "--yes").want(t, 4, "it has not ended; cancel it first, or wait")
	w.heyq("jobs", "cancel", "--state", "open", "--yes").wantOK(t).want(t, 0, "1 job cancelled")
	w.heyq("jobs", "delete", waiting, "00000000-0000-7000-8000-000000000000", "--yes").want(t, 4,
		"1 job deleted", "left as they are: 1 of 2 jobs", "there is no such job")
	w.heyq("jobs", "delete", "--state", "failed").want(t, 2, "no terminal")
	w.heyq("jobs", "delete", "--state", "failed", "--yes").wantOK(t).want(t, 0, "2 jobs deleted")
	w.heyq("jobs", "show", refused[0]).want(t, 3, "there is no job "+refused[0])
	if n := countVideos(t, w.environ); n != 0 {
		t.Errorf("%d videos are left", n)
	}
}

// What has no script has no price, and is counted instead.
func TestJobs_confirm_what_has_no_price(t *testing.T) {
	t.Parallel()
	plan := wire.RequeuedJobs{ChangedJobs: wire.ChangedJobs{Done: 3}, Rerenders: wire.Bill{Renders: 3, USD: 1.5, Unpriced: 2}}
	for _, c := range []struct {
		most wire.Bill
		want string // of the refusal; empty: it is agreed
	}{
		{wire.Bill{USD: 1.5}, "2 of 3 renders once more have no price"},
		{wire.Bill{USD: 1.5, Renders: 2}, "--most-renders 3"},
		{wire.Bill{USD: 1.4, Renders: 3}, "more than --most-usd 1.4"},
		{wire.Bill{USD: 1.5, Renders: 3}, ""},
	} {
		ch := &jobsChange{program: &program{stdin: strings.NewReader("")}, yes: true, agreed: true, most: c.most}
		if err := ch.consent(t.Context(), plan); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %q", c.most, err, c.want)
		}
	}
}

func TestJobs_refuse_what_they_cannot_read(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args  string
		words []string
	}{
		{"jobs list --since soon", []string{`"soon"`, "neither an age, such as 90m, 2h or 3d, nor a time"}},
		{"jobs requeue --rate fast", []string{`"fast"`, "no rate; give one such as 50/s or 3000/m"}},
		{"jobs show", []string{"takes one id; it got 0"}},
		{"jobs reque", []string{"did you mean heyq jobs requeue?"}},
	} {
		heyq(t, nil, strings.Fields(test.args)...).want(t, 2, test.words...)
	}
}

func TestComplete_jobs(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	refused := w.create("refused")
	w.eventually("failed", 1)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"jobs", "requeue", ""}, refused + " :36"},
		{[]string{"jobs", "requeue", refused, ""}, ":36"},
		{[]string{"jobs", "show", ""}, refused + " :36"},
		{[]string{"jobs", "list", "--error", ""}, "invalid_parameter :36"},
		{[]string{"jobs", "list", "--state", ""}, "failed waiting running :4"},
		{[]string{"jobs", "cancel", "--state", ""}, "open waiting running :4"},
		{[]string{"jobs", "requeue", "--queue", ""}, "create poll download analytics notify maintenance watch :4"},
	} {
		wantCompleted(t, w.environ, test.want, test.args...)
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for text, want := range map[string]time.Time{
		"2h": now.Add(-2 * time.Hour), "90m": now.Add(-90 * time.Minute), "3d": now.Add(-72 * time.Hour), "0.5d": now.Add(-12 * time.Hour), "0s": now,
		"2030-12-31T09:00:00Z": time.Date(2030, 12, 31, 9, 0, 0, 0, time.UTC), "2030-12-31 09:00": time.Date(2030, 12, 31, 9, 0, 0, 0, time.Local),
		"2030-12-31": time.Date(2030, 12, 31, 0, 0, 0, 0, time.Local),
	} {
		var m moment
		if err := m.Set(text); err != nil || time.Time(m).Sub(want).Abs() > time.Minute {
			t.Errorf("%s: %v, %v; want %v", text, time.Time(m), err, want)
		}
	}
	for _, text := range []string{"", "2", "-1h", "-1d", "xd", "yesterday", "9999999d", "31.12.2030"} {
		if err := new(moment).Set(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]rate{"50/s": 50, "3000/m": 50, "3600/h": 1, "0.5/s": 0.5, "7": 7} {
		var r rate
		if err := r.Set(text); err != nil || r != want {
			t.Errorf("%s: %v, %v; want %v", text, r, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1/s", "fast", "5/d", "5/", "NaN/s", "Inf"} {
		if err := new(rate).Set(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	var bursts []int
	for _, r := range []rate{0, 1, 50, 1e6} {
		bursts = append(bursts, r.burst(1000))
	}
	if !slices.Equal(bursts, []int{1000, 1, 12, 1000}) {
		t.Errorf("bursts are %v", bursts)
	}
	start := time.Now()
	if err := rate(100).wait(t.Context(), start, 10); err != nil || time.Since(start) < 100*time.Millisecond {
		t.Errorf("ten at 100/s took %s: %v", time.Since(start), err)
	}
}
