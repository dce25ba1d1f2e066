package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/heygen/simulator"
)

// evidence is everything that the auditor looks at.
type evidence struct {
	o        Options
	promises map[uuid.UUID]promise
	forgiven map[uuid.UUID]promise
	refused  []string
	rows     map[uuid.UUID]row
	ledger   simulator.Ledger
	tape     tape
	ticks    []tick
	bounds   []bound
	pried    pried
	users    []string // their ids by their numbers; the first one is the operator
	strikes  []Strike
	media    string
	prefixes int // folders with a video's files
	left     leftovers
	harm     []string        // done to the neighbour
	unended  map[string]bool // renders of failed videos that HeyGen does not call completed, by its id

	fired       map[string]int // what HeyGen did wrong
	unavailable int64          // tries that heyq could not take
	probes      []Probe
	deliveries  []delivery
	told        map[uuid.UUID]map[string]int // notifications by video and event
	closed      []string                     // why admission was closed
	untrue      []string                     // those that the receiver did not believe
}

// row is a video as the database has it in the end.
type row struct {
	ID          uuid.UUID
	UserID      string
	State       string
	Open        bool // due_at is set
	Leased      bool
	Slot        bool
	Submission  int
	HeyGenID    string
	Failure     string // code
	FailedAt    string // step
	MediaPrefix string
	File        *file
	About       string // for a culprit's line
}

// file is what the row says of the video's file.
type file struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// audit gathers the evidence, ends the processes, and checks the promises.
func (r *rehearsal) audit(ctx context.Context, quiet bool) (Report, error) {
	e := evidence{
		o: r.o, promises: r.customer.promises, forgiven: r.customer.forgiven, refused: r.customer.refused,
		strikes: r.theatre.played(), media: r.stage.media(),
	}
	var err error
	if e.left, err = r.leftovers(ctx, quiet); err != nil {
		return Report{}, err
	}
	if e.harm, err = r.stage.harmed(ctx); err != nil {
		return Report{}, err
	}
	if e.rows, err = r.rows(ctx); err != nil {
		return Report{}, err
	}
	if e.unended, err = r.unended(ctx, e.rows); err != nil {
		return Report{}, err
	}
	if e.tape, err = readTape(ctx, r.stage.db); err != nil {
		return Report{}, err
	}
	if err := saveTape(ctx, r.stage.db, r.stage.path("tape.csv")); err != nil {
		return Report{}, fmt.Errorf("save the tape: %w", err)
	}
	if e.ticks, err = readTicks(ctx, r.stage.db); err != nil {
		return Report{}, err
	}
	if e.bounds, err = readBounds(ctx, r.stage.db); err != nil {
		return Report{}, err
	}
	e.pried, e.users = r.pryer.result(), r.customer.names()
	e.ledger = r.stage.heygen.Ledger()
	e.ledger.Renders = slices.DeleteFunc(e.ledger.Renders, func(b simulator.Billed) bool { return b.Title == neighbourTitle })
	_, e.fired = r.stage.heygen.Faults()
	e.probes, e.deliveries, e.unavailable = r.prober.answers(), r.stage.door.passed(), r.customer.unavailable.Load()
	e.told, e.untrue = r.stage.receiver.heard()
	e.closed = r.closed
	runs, _ := filepath.Glob(filepath.Join(e.media, "videos", "*", "*")) // the pattern is a good one
	e.prefixes = len(slices.DeleteFunc(runs, func(run string) bool { return run == r.stage.neighbour.folder }))
	report := Report{
		Seed: r.o.Seed, Videos: r.o.Videos, Seconds: time.Since(r.theatre.began).Seconds(), Timing: r.o.Timing, Folder: r.stage.dir,
		Outcome: r.outcome(e),
		Invariants: []Invariant{
			e.everyVideoEnded(), e.nothingBilledTwice(), e.nothingLost(), e.filesAreGood(), e.rowsMovedByTheRules(),
			e.capHeld(), e.jobsRanOnce(), e.recoveriesAreKnown(), e.nothingLeft(),
			e.toldIsThere(), e.neighbourIsWell(), e.noBacklogFailed(), e.nothingDiedOfAWord(),
			e.anothersIsUnseen(), e.usersKeepTheirBounds(),
		},
		Recoveries: e.recoveries(), Strikes: e.strikes,
	}
	for _, check := range r.more {
		report.Invariants = append(report.Invariants, check(e))
	}
	return report, nil
}

func (r *rehearsal) rows(ctx context.Context) (map[uuid.UUID]row, error) {
	rows, err := r.stage.db.Query(ctx, `
		SELECT id, user_id, state, due_at IS NOT NULL, lease_until IS NOT NULL, slot, submission, coalesce(heygen_id, ''),
		       coalesce(failure->>'code', ''), coalesce(failure->>'step', ''), coalesce(media_prefix, ''), file,
		       format('%s, attempt %s, lapses %s, claim %s, run %s, due %s, refusal %s', state, attempt, lapses, claim, run, due_at, refusal->>'code')
		  FROM videos`)
	if err != nil {
		return nil, fmt.Errorf("read the videos: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(cr pgx.CollectableRow) (v row, err error) {
		var raw []byte
		err = cr.Scan(&v.ID, &v.UserID, &v.State, &v.Open, &v.Leased, &v.Slot, &v.Submission, &v.HeyGenID, &v.Failure, &v.FailedAt, &v.MediaPrefix, &raw, &v.About)
		if err == nil && raw != nil {
			err = json.Unmarshal(raw, &v.File)
		}
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the videos: %w", err)
	}
	all := make(map[uuid.UUID]row, len(list))
	for _, v := range list {
		all[v.ID] = v
	}
	return all, nil
}

// unended asks HeyGen, which behaves by now, for the renders of failed videos.
func (r *rehearsal) unended(ctx context.Context, rows map[uuid.UUID]row) (map[string]bool, error) {
	unended := map[string]bool{}
	for _, v := range rows {
		if v.State != "failed" || v.HeyGenID == "" {
			continue
		}
		status, err := r.stage.heygen.status(ctx, v.HeyGenID)
		if err != nil {
			return nil, fmt.Errorf("ask HeyGen for a render: %w", err)
		}
		unended[v.HeyGenID] = status != "completed"
	}
	return unended, nil
}

func (r *rehearsal) outcome(e evidence) Outcome {
	out := Outcome{
		Promised: len(e.promises), States: map[string]int{}, Failures: map[string]int{}, Exits: map[string]int{},
		Renders: len(e.ledger.Renders), MaxInFlight: e.ledger.MaxInFlight, Calls: e.ledger.Calls,
		Requests: r.customer.requests.Load(), Tries: r.customer.tries.Load(), Unavailable: r.customer.unavailable.Load(),
		Cancels: r.customer.cancels.Load(), Retries: r.customer.retries.Load(),
		Turns: e.turns(),
	}
	for _, v := range e.rows {
		out.States[v.State]++
		if v.Failure != "" {
			out.Failures[v.Failure]++
		}
	}
	for _, c := range r.stage.children() {
		if c.exits > 0 {
			out.Exits[c.name] = c.exits
		}
	}
	return out
}
