package alert

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/jobs"
	"heyq/operate/health"
	"heyq/store"
)

var limits = Limits{
	SuccessRate: 95, Average: map[string]time.Duration{"database": time.Second, "http_request": 15 * time.Second},
	Failures: 100, QueueAge: 10 * time.Minute, Stuck: time.Hour, Balance: 10, FreeDisk: 1 << 30,
}

// noon is when the figures of the tests were taken.
var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

func TestRules(t *testing.T) {
	t.Parallel()
	ada := uuid.MustParse("01900000-0000-7000-8000-00000000ada0")
	for _, test := range []struct {
		rule, name string
		figures    Figures
		want       []string // of each finding: its subject, and its summary where something is wrong
	}{
		{"success-rate", "nobody knows", Figures{}, nil},
		{"success-rate", "each type by itself", Figures{Rates: map[string]Rate{
			"http_request": {Total: 1200, Failed: 61}, "database": {Total: 1000, Failed: 50},
		}}, []string{"database", "http_request: 94.9 % of 1,200 http requests succeeded in the last minutes (less than 95 %): 61 failed"}},
		{"average-duration", "a limit for each type", Figures{Rates: map[string]Rate{
			"http_request": {Total: 90, Timed: 40, Average: 14 * time.Second}, "database": {Total: 90, Timed: 40, Average: 1250 * time.Millisecond}, "other": {Total: 90, Timed: 40, Average: time.Hour},
		}}, []string{"database: 40 database operations took 1.3s on average in the last minutes (more than 1s)", "http_request"}},
		{"failures", "nobody knows", Figures{}, nil},
		{"failures", "as many as may be", Figures{Failures: new(100)}, []string{""}},
		{"failures", "one more", Figures{Failures: new(101)}, []string{": 101 videos failed within 1h (more than 100)"}},
		{"queue-age", "nobody knows", Figures{}, nil},
		{"queue-age", "one is old", Figures{Backlog: &store.Backlog{
			Queues: store.Loads(map[store.Queue]store.Load{
				store.DownloadQueue: {Jobs: 9, Overdue: 7, Lag: 12 * time.Minute}, store.PollQueue: {Lag: 10 * time.Minute},
			}),
			Admission: store.Load{Jobs: 1000, Overdue: 1000, Lag: 40 * time.Hour}, // it waits for HeyGen
		}}, []string{"create", "poll", "download: 7 downloads are due and not taken up, the oldest for 12m (more than 10m)", "analytics", "notify"}},
		{"slots-idle", "nobody waits", Figures{Slots: 10, Backlog: &store.Backlog{}}, []string{""}},
		{"slots-idle", "somebody waits", Figures{Slots: 10, Idle: 3, Backlog: &store.Backlog{
			Admission: store.Load{Jobs: 5, Overdue: 1, Lag: time.Minute},
		}}, []string{": 3 of 10 render slots are idle while 1 video waits for one, the first for 1m"}},
		{"balance-low", "HeyGen does not say", Figures{}, nil},
		{"balance-low", "enough", Figures{Balance: &Balance{10, "usd"}}, []string{""}},
		{"balance-low", "too little", Figures{Balance: &Balance{9.994, "usd"}}, []string{": 9.99 usd are left at HeyGen (less than 10)"}},
		{"admission-closed", "open", Figures{Admission: &store.Admission{State: store.Open}}, []string{""}},
		{
			"admission-closed", "by an operator",
			Figures{Admission: &store.Admission{State: store.Paused, Reason: store.OperatorReason}},
			[]string{": admission is paused until an operator resumes it: operator; nothing new is sent to HeyGen"},
		},
		{
			"admission-closed", "for a while",
			Figures{Admission: &store.Admission{State: store.Paused, Reason: "429", Until: noon.Add(time.Hour)}},
			[]string{": admission is paused until 13:00:00 UTC: 429; nothing new is sent to HeyGen"},
		},
		{"stuck-videos", "none", Figures{Stuck: &store.Stuck{}}, []string{""}},
		{
			"stuck-videos", "one",
			Figures{Stuck: &store.Stuck{Videos: 1, Oldest: 3*time.Hour + 20*time.Minute, First: []uuid.UUID{ada}}},
			[]string{": 1 video is stuck, the first for 3h20m: " + ada.String()},
		},
		{"scheduled-job-late", "two periods, and its time", Figures{Runs: []health.Run{
			{Job: job("a", 8*time.Hour, time.Hour), Ago: 17 * time.Hour, Ran: true},
			{Job: job("b", 8*time.Hour, time.Hour), Ago: 17*time.Hour + time.Minute, Ran: true},
			{Job: job("c", time.Minute, time.Minute), Ago: 3 * time.Minute, Ran: true},
			{Job: job("d", time.Minute, time.Minute), Ago: 4 * time.Minute, Ran: true},
			{Job: job("e", time.Hour, time.Hour), Ago: time.Hour}, // never
			{Job: job("f", 30*time.Minute, 10*time.Minute), Ago: time.Hour},
		}}, []string{
			"a", "b: it last finished 17h1m ago and is to run every 8h: it fails, or no scheduler runs", "c",
			"d: it last finished 4m ago and is to run every 1m: it fails, or no scheduler runs", "e",
			"f: it has not finished once in 1h and is to run every 30m: it fails, or no scheduler runs",
		}},
		{
			"disk-low", "of one machine",
			Figures{Disks: map[string]Disk{"one": {"/data", 1 << 29, 1 << 34}}},
			[]string{"one: 512 MiB of 16 GiB are free at /data (less than 1.0 GiB)"},
		},
	} {
		t.Run(test.rule+": "+test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range RuleOf(test.rule).check(limits, test.figures) {
				if f.Bad != (f.Summary != "") {
					t.Errorf("%+v is wrong without a word, or the other way round", f)
				}
				got = append(got, strings.TrimSuffix(f.Subject+": "+f.Summary, ": "))
			}
			if want := strings.Join(test.want, "\n"); strings.Join(got, "\n") != want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
			}
		})
	}
}

func TestIdle_slots_are_those_that_somebody_waits_for(t *testing.T) {
	t.Parallel()
	isOpen, paused := store.Admission{State: store.Open}, store.Admission{State: store.Paused}
	for _, test := range []struct {
		gate                store.Admission
		held, overdue, want int
	}{
		{isOpen, 7, 100, 3},
		{isOpen, 7, 2, 2},
		{isOpen, 7, 0, 0},
		{isOpen, 10, 100, 0},
		{isOpen, 12, 100, 0}, // the cap was lowered
		{paused, 0, 100, 0},
	} {
		if got := idle(10, test.gate, store.Backlog{Slots: test.held, Admission: store.Load{Overdue: test.overdue}}); got != test.want {
			t.Errorf("%+v: %d slots are idle", test, got)
		}
	}
}

func TestRules_are_named_once(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range Rules {
		if seen[r.Name] || !strings.HasPrefix(r.Command, "heyq ") {
			t.Errorf("%s (%s) is there twice, or has no command", r.Name, r.Command)
		}
		seen[r.Name] = true
	}
}

func job(name string, every, timeout time.Duration) jobs.Entry {
	return jobs.Entry{Kind: jobs.Kind[jobs.Scheduled]{Name: name, Timeout: timeout}, Every: every}
}
