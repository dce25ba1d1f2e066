package chaos

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/heygen/simulator"
)

// life is a tape of one video, an entry a second, from a sketch: the writer, the
// state, the run and the claim of each.
func life(entries ...entry) tape {
	id := uuid.New()
	for i := range entries {
		entries[i].Video, entries[i].At = id, time.Unix(int64(i), 0)
	}
	return tape{id: entries}
}

var (
	asked     = entry{Writer: "api", State: "queued", Submission: 1}
	admitted  = entry{Writer: "worker-1", State: "queued", Claim: 1, Slot: true, Submission: 1}
	begun     = entry{Writer: "worker-1", State: "submitting", Run: 1, Claim: 1, Slot: true, Leased: true, Submission: 1}
	accepted  = entry{Writer: "worker-1", State: "rendering", Run: 2, Claim: 2, Slot: true, Submission: 1}
	claimed   = entry{Writer: "worker-2", State: "submitting", Run: 1, Claim: 2, Slot: true, Submission: 1}
	doubted   = entry{Writer: "worker-1", State: "failed", Run: 3, Claim: 3, Submission: 1, HeyGenID: "h"}
	alive     = entry{Writer: "worker-1", State: "failed", Run: 4, Claim: 4, Slot: true, Submission: 1, HeyGenID: "h"}
	takenOver = entry{Writer: "worker-2", State: "submitting", Run: 2, Claim: 2, Slot: true, Leased: true, Submission: 1}
)

func with(e entry, change func(*entry)) entry {
	change(&e)
	return e
}

func TestRowsMovedByTheRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		tape tape
		want string // of the first culprit; empty: nothing is wrong
	}{
		{"as it should", life(asked, admitted, begun, accepted), ""},
		{"taken over", life(asked, admitted, begun, claimed, takenOver), ""},
		{"a state that is no neighbour", life(asked, with(admitted, func(e *entry) { e.State = "downloading" })), "from queued to downloading"},
		{"a run that shrank", life(begun, with(begun, func(e *entry) { e.Run = 0 })), "run went from 1 to 0"},
		{"a claim that shrank", life(claimed, with(claimed, func(e *entry) { e.Claim = 1 })), "claim went from 2 to 1"},
		{"a slot out of nowhere", life(with(begun, func(e *entry) { e.Slot = false }), begun), "got a slot while submitting"},
		{"a slot of a render that is alive after all", life(asked, admitted, begun, accepted, doubted, alive), ""},
		{"a slot that no poll took", life(asked, admitted, begun, accepted, doubted, with(doubted, func(e *entry) { e.Slot = true })), "got a slot while failed"},
		{
			"a stale runner's write",
			life(asked, admitted, begun, claimed, takenOver, with(accepted, func(e *entry) { e.Run, e.Claim = 3, 3 })),
			"begun by worker-2 and ended by another",
		},
		{
			"a person's cancel",
			life(asked, admitted, begun, accepted, with(accepted, func(e *entry) { e.Writer, e.State, e.Run, e.Claim = "api", "cancelled", 3, 3 })), "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantBreach(t, evidence{tape: c.tape}.rowsMovedByTheRules(), c.want)
		})
	}
}

func TestNothingBilledTwice(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	render := func(token, heygenID string) simulator.Billed {
		return simulator.Billed{VideoID: heygenID, Title: "Hello [heyq " + token + "]"}
	}
	for _, c := range []struct {
		name    string
		promise promise
		renders []simulator.Billed
		want    string
	}{
		{"once", promise{}, []simulator.Billed{render(id.String()+".1", "a")}, ""},
		{"twice", promise{}, []simulator.Billed{render(id.String()+".1", "a"), render(id.String()+".1", "a")}, "billed under"},
		{"twice under two submissions", promise{}, []simulator.Billed{render(id.String()+".1", "a"), render(id.String()+".2", "a")}, "billed under"},
		{"a future submission", promise{}, []simulator.Billed{render(id.String()+".3", "a")}, "submission 3"},
		{"a stranger's", promise{}, []simulator.Billed{render(uuid.NewString()+".1", "a")}, "does not exist"},
		{"again after one that was stuck and is deleted", promise{}, []simulator.Billed{{VideoID: "b", Title: "[heyq " + id.String() + ".1]", Abandoned: true}, render(id.String()+".2", "a")}, ""},
		{"without a token", promise{}, []simulator.Billed{{VideoID: "a", Title: "Hello"}}, "no token"},
		{"another render than the row knows", promise{}, []simulator.Billed{render(id.String()+".1", "b")}, "knows itself as a"},
		{"after a cancel of nothing", promise{unsent: true}, []simulator.Billed{render(id.String()+".1", "a")}, "nothing was sent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := evidence{
				rows:     map[uuid.UUID]row{id: {ID: id, Submission: 2, HeyGenID: "a"}},
				promises: map[uuid.UUID]promise{id: c.promise},
				ledger:   simulator.Ledger{Renders: c.renders},
			}
			wantBreach(t, e.nothingBilledTwice(), c.want)
		})
	}
}

func TestEveryVideoEnded_and_NothingLost(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	promised := map[uuid.UUID]promise{id: {}}
	for _, c := range []struct {
		name  string
		row   row
		made  promise
		ended string
	}{
		{"completed", row{State: "completed"}, promise{}, ""},
		{"failed", row{State: "failed", Failure: "render_timeout"}, promise{}, ""},
		{"failed for no reason", row{State: "failed"}, promise{}, "without a reason"},
		{"stuck", row{State: "rendering", Open: true, About: "rendering, attempt 3"}, promise{}, "rendering, attempt 3"},
		{"still watched", row{State: "failed", Failure: "render_timeout", Open: true, About: "failed, slot held"}, promise{}, "slot held"},
		{"completed after a cancel", row{State: "completed"}, promise{cancelled: true}, "cancel had been answered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := evidence{rows: map[uuid.UUID]row{id: c.row}, promises: map[uuid.UUID]promise{id: c.made}}
			wantBreach(t, e.everyVideoEnded(), c.ended)
		})
	}
	wantBreach(t, evidence{promises: promised}.nothingLost(), "does not exist")
	wantBreach(t, evidence{rows: map[uuid.UUID]row{id: {}}}.nothingLost(), "never promised")
	ended := evidence{rows: map[uuid.UUID]row{id: {State: "failed"}}, promises: promised}
	wantBreach(t, ended.nothingLost(), "nobody was told")
	ended.told = map[uuid.UUID]map[string]int{id: {"video.failed": 2}}
	wantBreach(t, ended.nothingLost(), "")
	wantBreach(t, evidence{o: Options{Videos: 1}}.nothingLost(), "1 videos were asked for, 0 promised")
}

func TestToldIsThere(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	told := map[uuid.UUID]map[string]int{id: {"video.completed": 1}}
	wantBreach(t, evidence{told: told, rows: map[uuid.UUID]row{id: {State: "completed"}}}.toldIsThere(), "")
	wantBreach(t, evidence{told: told, rows: map[uuid.UUID]row{id: {State: "failed"}}}.toldIsThere(), `is "failed"`)
	wantBreach(t, evidence{told: told}.toldIsThere(), "was told of as completed")
	wantBreach(t, evidence{told: told, forgiven: map[uuid.UUID]promise{id: {}}}.toldIsThere(), "")
}

// A fault that could not be had, or came too late, is no recovery that was measured.
func TestRecoveriesAreKnown_counts_apart_what_did_not_strike(t *testing.T) {
	t.Parallel()
	strike := func(said string) Strike { return Strike{Fault: Fault{Name: "x", On: "redis"}, Said: said} }
	i := evidence{strikes: []Strike{strike(""), strike(missed), strike(missed), strike(leftOut)}}.recoveriesAreKnown()
	if want := "1 fault, 0 samples; 2 more missed their moment; 1 more could not be had here"; i.Checked != want {
		t.Errorf("looked at %q, want %q", i.Checked, want)
	}
}

func TestRecoveriesFrom_a_dead_worker(t *testing.T) {
	t.Parallel()
	at := func(seconds float64) time.Time { return time.Unix(0, int64(seconds*1e9)) }
	killed := Strike{Fault: Fault{Name: "worker-kill9", On: "worker-1"}, Began: at(2), Hit: at(2.5), Ended: at(3)}

	e := evidence{tape: life(asked, admitted, begun, claimed, takenOver)}
	if got, stuck := e.recoveriesFrom(killed); len(got) != 1 || got[0] != 1500*time.Millisecond || stuck != nil {
		t.Errorf("got %v, stuck %q; want 1.5s: the row was begun elsewhere at 4 s", got, stuck)
	}
	e = evidence{tape: life(asked, admitted, begun, claimed)}
	if got, stuck := e.recoveriesFrom(killed); len(got) != 0 || len(stuck) != 1 {
		t.Errorf("got %v, stuck %q; want a row that nobody began again", got, stuck)
	}
	killed.On = "worker-3"
	if got, stuck := e.recoveriesFrom(killed); len(got)+len(stuck) != 0 {
		t.Errorf("got %v, stuck %q of a worker that had nothing", got, stuck)
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for _, c := range []struct {
		of   []int
		p    float64
		want int
	}{{nil, 50, 0}, {[]int{7}, 99, 7}, {hundred, 50, 50}, {hundred, 99, 99}, {hundred, 100, 100}} {
		if got := percentile(c.of, c.p); got != c.want {
			t.Errorf("percentile %v of %d values is %d, want %d", c.p, len(c.of), got, c.want)
		}
	}
}

// wantBreach holds the first culprit against some of its words.
func wantBreach(t *testing.T, i Invariant, want string) {
	t.Helper()
	switch {
	case want == "" && i.Broken > 0:
		t.Errorf("%s: %q", i.Name, i.Culprits)
	case want != "" && (i.Broken == 0 || !strings.Contains(i.Culprits[0], want)):
		t.Errorf("%s: %d broken, %q; want %q", i.Name, i.Broken, i.Culprits, want)
	}
}

func TestJobsRanOnce(t *testing.T) {
	t.Parallel()
	// ran is the runs of a job, by the second in which they ended.
	ran := func(name string, seconds ...int) (list []tick) {
		for _, s := range seconds {
			list = append(list, tick{Name: name, At: time.Unix(int64(s), 0)})
		}
		return list
	}
	for _, c := range []struct {
		name string
		runs []tick
		want string
	}{
		{"one of each", append(ran("keys:forget", 0), ran("ops:watch", 0, 60, 120)...), ""},
		{"late, and on time again", ran("ops:watch", 50, 60, 120), ""},
		{"a job of every hours that ran twice", ran("keys:forget", 0, 240), "keys:forget ran 2 times"},
		{"a job of every minute that ran twice a tick", ran("ops:watch", 0, 1, 60, 61, 120, 121, 180, 181, 240, 241), "ops:watch ran 10 times"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantBreach(t, evidence{ticks: c.runs}.jobsRanOnce(), c.want)
		})
	}
}

func TestNoBacklogFailed(t *testing.T) {
	t.Parallel()
	backlog := func(n int, code, step string) map[uuid.UUID]row {
		rows := map[uuid.UUID]row{uuid.New(): {State: "completed"}}
		for range n {
			rows[uuid.New()] = row{State: "failed", Failure: code, FailedAt: step}
		}
		return rows
	}
	for _, c := range []struct {
		name string
		rows map[uuid.UUID]row
		want string
	}{
		{"nothing", backlog(0, "", ""), ""},
		{"a few of their own", backlog(3, "invalid_parameter", "create"), ""},
		{"many of one", backlog(30, "invalid_parameter", "create"), "30 creates failed as invalid_parameter"},
		{"many renders", backlog(30, "TTS_LANGUAGE_ERROR", "poll"), ""},
		{"one of the account", backlog(1, "insufficient_credit", "create"), "the account's refusal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantBreach(t, evidence{rows: c.rows}.noBacklogFailed(), c.want)
		})
	}
}

func TestNothingDiedOfAWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		row    row
		render simulator.Billed
		want   string
	}{
		{"stuck for ever", row{State: "failed", Failure: "render_timeout", HeyGenID: "stuck"}, simulator.Billed{VideoID: "stuck"}, ""},
		{"completed", row{State: "completed", HeyGenID: "a"}, simulator.Billed{VideoID: "a"}, ""},
		{"killed", row{State: "failed", Failure: "not_found", HeyGenID: "a"}, simulator.Billed{VideoID: "a"}, "HeyGen has its render a"},
		{"failed at HeyGen", row{State: "failed", Failure: "x", HeyGenID: "a"}, simulator.Billed{VideoID: "a", Failed: true}, ""},
		{"for a person to decide", row{State: "failed", Failure: "needs_review", HeyGenID: "a"}, simulator.Billed{VideoID: "a"}, ""},
		{"another's render", row{State: "failed", Failure: "not_found", HeyGenID: "b"}, simulator.Billed{VideoID: "a"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := evidence{rows: map[uuid.UUID]row{uuid.New(): c.row}, ledger: simulator.Ledger{Renders: []simulator.Billed{c.render}}, unended: map[string]bool{"stuck": true}}
			wantBreach(t, e.nothingDiedOfAWord(), c.want)
		})
	}
}

func TestCapHeld(t *testing.T) {
	t.Parallel()
	unclear := with(begun, func(e *entry) { e.Attempt = 3 })
	clear := with(begun, func(e *entry) { e.Attempt = 2 })
	refused := with(begun, func(e *entry) { e.Refused = true })
	// An entry is a second long, and the one in question begins at 2 s.
	sent := func(ago time.Duration) entry {
		at := time.Unix(2, 0).Add(-ago)
		return with(clear, func(e *entry) { e.Submitted = &at })
	}
	tapeOf := func(e entry, n int) tape {
		t := tape{}
		for range n {
			for id, list := range life(asked, admitted, e, accepted) {
				t[id] = list
			}
		}
		return t
	}
	for _, c := range []struct {
		name     string
		tape     tape
		inFlight int
		broken   bool
	}{
		{"the cap", nil, 10, false},
		{"one more", nil, 11, true},
		{"one more, and half of the slots are unclear", tapeOf(unclear, 5), 11, true},
		{"one more, and one was not counted", tapeOf(unclear, 6), 11, false},
		{"two more, and one was not counted", tapeOf(unclear, 6), 12, true},
		{"one more, and creates had two answers only", tapeOf(clear, 10), 11, true},
		{"one more, and one that was refused was not counted", tapeOf(refused, 6), 11, false},
		{"two more, and one that was refused was not counted", tapeOf(refused, 6), 12, true},
		{"one more, and one was sent long ago", tapeOf(sent(time.Hour), 6), 11, false},
		{"one more, and one was sent three minutes ago in the middle of it", tapeOf(sent(179500*time.Millisecond), 6), 11, false},
		{"one more, and one would have been sent three minutes ago a moment later", tapeOf(sent(178*time.Second), 6), 11, true},
		{"one more, and creates that were sent long ago had no answer yet", tapeOf(with(sent(time.Hour), func(e *entry) { e.Attempt = 0 }), 6), 11, true},
		{"one more, and those that were refused hold no slot", tapeOf(with(refused, func(e *entry) { e.Slot = false }), 6), 11, true},
	} {
		e := evidence{o: Options{Slots: 10}, ledger: simulator.Ledger{MaxInFlight: c.inFlight}, tape: c.tape}
		if i := e.capHeld(); (i.Broken > 0) != c.broken {
			t.Errorf("%s: %d broken, want %v", c.name, i.Broken, c.broken)
		}
	}
}
