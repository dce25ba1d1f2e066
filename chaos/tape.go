package chaos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// installTape has Postgres write down every change of a video's row, of what users may
// have of the slots, and of the scheduled jobs' last runs: when, by which process, and what the row says now.
// The tape commits with the change, and the row's lock orders its entries.
func installTape(ctx context.Context, db *pgxpool.Pool) error {
	_, err := db.Exec(ctx, `
		CREATE SCHEMA chaos;
		CREATE TABLE chaos.tape (
			n          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			at         timestamptz NOT NULL DEFAULT clock_timestamp(),
			writer     text        NOT NULL DEFAULT current_setting('application_name'),
			video      uuid        NOT NULL,
			state      text        NOT NULL,
			run        bigint      NOT NULL,
			claim      bigint      NOT NULL,
			slot       boolean     NOT NULL,
			leased     boolean     NOT NULL,
			submission integer     NOT NULL,
			attempt    integer     NOT NULL,
			lapses     integer     NOT NULL,
			heygen_id  text        NOT NULL,
			refused    boolean     NOT NULL,
			submitted  timestamptz,
			user_id    text        NOT NULL,
			held       bigint      NOT NULL,
			bound      integer
		);
		CREATE INDEX ON chaos.tape (video, n);
		CREATE TABLE chaos.ticks (
			at     timestamptz NOT NULL DEFAULT clock_timestamp(),
			writer text        NOT NULL DEFAULT current_setting('application_name'),
			name   text        NOT NULL
		);
		CREATE TABLE chaos.bounds (
			at      timestamptz NOT NULL DEFAULT clock_timestamp(),
			user_id text        NOT NULL,
			weight  integer     NOT NULL,
			slots   integer
		);
		CREATE FUNCTION chaos.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
		BEGIN
			INSERT INTO chaos.tape (video, state, run, claim, slot, leased, submission, attempt, lapses, heygen_id, refused, submitted, user_id, held, bound)
			VALUES (NEW.id, NEW.state, NEW.run, NEW.claim, NEW.slot, NEW.lease_until IS NOT NULL,
			        NEW.submission, NEW.attempt, NEW.lapses, coalesce(NEW.heygen_id, ''),
			        NEW.refusal IS NOT NULL, NEW.submitted_at, NEW.user_id,
			        (SELECT count(*) FROM videos WHERE NEW.slot AND slot AND active AND user_id = NEW.user_id),
			        (SELECT slots FROM turns WHERE user_id = NEW.user_id));
			RETURN NULL;
		END $$;
		CREATE FUNCTION chaos.tick() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
		BEGIN
			INSERT INTO chaos.ticks (name) VALUES (NEW.name);
			RETURN NULL;
		END $$;
		CREATE FUNCTION chaos.bind() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
		BEGIN
			INSERT INTO chaos.bounds (user_id, weight, slots) VALUES (NEW.user_id, NEW.weight, NEW.slots);
			RETURN NULL;
		END $$;
		CREATE TRIGGER chaos_bind AFTER INSERT OR UPDATE ON turns FOR EACH ROW EXECUTE FUNCTION chaos.bind();
		CREATE TRIGGER chaos_record AFTER INSERT OR UPDATE ON videos FOR EACH ROW EXECUTE FUNCTION chaos.record();
		CREATE TRIGGER chaos_tick AFTER UPDATE ON scheduled_runs FOR EACH ROW WHEN (NEW.outcome = 'succeeded') EXECUTE FUNCTION chaos.tick()`)
	if err != nil {
		return fmt.Errorf("install the tape: %w", err)
	}
	return nil
}

// entry is one change of a row.
type entry struct {
	At         time.Time
	Writer     string
	Video      uuid.UUID
	State      string
	Run        int64
	Claim      int64
	Slot       bool
	Leased     bool
	Submission int
	Attempt    int
	Lapses     int
	HeyGenID   string
	Refused    bool       // HeyGen's refusal is kept, for heyq looks for an earlier send
	Submitted  *time.Time // the first send of the submission; nil: none
	UserID     string
	Held       int  // slots that the user has, this one among them, if it has one
	Bound      *int // the most that it may have then; nil: no bound
}

func (e entry) final() bool {
	return e.State == "completed" || e.State == "failed" || e.State == "cancelled"
}

// begins reports whether the entry, which followed before, is the begin of a
// run: it takes the newest claim for its run. Every end goes beyond it.
func (e entry) begins(before entry) bool {
	return e.Run > before.Run && e.Run == before.Claim && e.Claim == before.Claim
}

// ends reports whether the entry is the end of a run, or makes it void.
func (e entry) ends(before entry) bool { return e.Run == before.Claim+1 }

// dispatches reports whether the entry is a claim, for which a task is sent.
func (e entry) dispatches(before entry) bool { return e.Run == before.Run && e.Claim == before.Claim+1 }

// tape is all entries, by video, each video's in their order.
type tape map[uuid.UUID][]entry

func readTape(ctx context.Context, db *pgxpool.Pool) (tape, error) {
	rows, err := db.Query(ctx, `
		SELECT at, writer, video, state, run, claim, slot, leased, submission, attempt, lapses, heygen_id, refused, submitted, user_id, held, bound
		  FROM chaos.tape ORDER BY video, n`)
	if err != nil {
		return nil, fmt.Errorf("read the tape: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[entry])
	if err != nil {
		return nil, fmt.Errorf("read the tape: %w", err)
	}
	t := tape{}
	for _, e := range list {
		t[e.Video] = append(t[e.Video], e)
	}
	return t, nil
}

// saveTape writes the tape as CSV, for a person who wants to know what
// happened.
func saveTape(ctx context.Context, db *pgxpool.Pool, path string) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(db.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		_, err := conn.Conn().PgConn().CopyTo(ctx, out, `COPY (SELECT * FROM chaos.tape ORDER BY n) TO STDOUT (FORMAT csv, HEADER)`)
		return err
	}), out.Close())
}

// writtenOff counts the slots that failed videos gave up.
func (t tape) writtenOff() int {
	n := 0
	for _, list := range t {
		for i := 1; i < len(list); i++ {
			if before, now := list[i-1], list[i]; before.State == "failed" && before.Slot && now.State == "failed" && !now.Slot {
				n++
			}
		}
	}
	return n
}

// uncounted returns the most slots that admission left out of its count at any
// instant: unclear creates hold half of the slots at most (store/sql/admit.go), and
// HeyGen may render the others.
func (t tape) uncounted(slots int) (most int) {
	type step struct {
		at time.Time
		by int
	}
	var steps []step
	for _, list := range t {
		for n, e := range list {
			from, unclear := e.unclear()
			last := n+1 == len(list)
			if !unclear || !last && !from.Before(list[n+1].At) {
				continue
			}
			if steps = append(steps, step{from, 1}); !last {
				steps = append(steps, step{list[n+1].At, -1})
			}
		}
	}
	slices.SortFunc(steps, func(a, b step) int { return cmp.Or(a.at.Compare(b.at), a.by-b.by) })
	unclear := 0
	for _, s := range steps {
		unclear += s.by
		most = max(most, unclear-max(1, slots/2))
	}
	return most
}

// unclear reports whether the entry is of a create that HeyGen has not answered
// clearly for a while, or will be if nothing happens to it, and from when on.
func (e entry) unclear() (from time.Time, unclear bool) {
	const tries, patience = 3, 3 * time.Minute
	switch {
	case e.State != "submitting" || !e.Slot:
		return from, false
	case e.Refused, e.Attempt >= tries:
		return e.At, true
	case e.Attempt == 0 || e.Submitted == nil:
		return from, false
	}
	if from = e.Submitted.Add(patience); from.Before(e.At) {
		from = e.At
	}
	return from, true
}

// tick is one finished run of a scheduled job.
type tick struct {
	At     time.Time
	Writer string
	Name   string
}

func readTicks(ctx context.Context, db *pgxpool.Pool) ([]tick, error) {
	rows, err := db.Query(ctx, `SELECT at, writer, name FROM chaos.ticks ORDER BY name, at`)
	if err != nil {
		return nil, fmt.Errorf("read the ticks: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[tick])
}

// bound is what a user may have of the slots from a moment on.
type bound struct {
	At     time.Time
	UserID string
	Weight int  // in hundredths
	Slots  *int // nil: as many as there are
}

func readBounds(ctx context.Context, db *pgxpool.Pool) ([]bound, error) {
	rows, err := db.Query(ctx, `SELECT at, user_id, weight, slots FROM chaos.bounds ORDER BY at`)
	if err != nil {
		return nil, fmt.Errorf("read the bounds: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[bound])
}
