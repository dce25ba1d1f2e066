package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/store/sqlite"
	"heyq/wire"
)

// examineStore opens the store without a migration, and leaves it open for the checks that
// follow.
func (d *doctor) examineStore(ctx context.Context) []wire.Finding {
	const check = "store"
	if skip := d.without(check, "DATABASE_URL", "HEYQ_DIR"); skip != nil {
		return skip
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	where := d.config.Database()
	s, took, err := timed(func() (Store, error) { return d.openStore(ctx) })
	f, told := errors.AsType[*fault.Error](err)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return one(check, wire.Note, "there is no database yet: heyq makes "+d.config.DatabasePath()+" at its first start", "", 0)
	case errors.Is(err, sqlite.ErrHeld):
		return d.heldStore(where)
	case told && f.Code == fault.Invalid: // it answers, and is none that heyq can use
		return one(check, wire.Broken, where+": "+f.Message, f.Hint, took)
	case err != nil:
		return one(check, wire.Broken, where+": "+cause(err), "see that Postgres runs, and that DATABASE_URL names its host, user, password and database", took)
	}
	d.store = s
	list := one(check, wire.Fine, where+" answers", "", took)
	list = append(list, d.examineMigrations(ctx)...)
	return append(list, d.examineClock(ctx)...)
}

func (d *doctor) openStore(ctx context.Context) (Store, error) {
	if d.config.Store.DatabaseURL.IsSet() {
		return d.Postgres(ctx, d.config)
	}
	path := d.config.DatabasePath()
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, path, sqlite.AsFound())
}

// heldStore is for a database that a running heyq has to itself: that one is
// asked instead.
func (d *doctor) heldStore(where string) []wire.Finding {
	const check = "store"
	if d.ready == nil {
		return one(check, wire.Broken, where+" is held by a heyq that does not answer at "+d.config.HTTP.URL,
			"set HEYQ_URL to where it listens; if it hangs, stop it", 0)
	}
	h := d.ready.Checks[check]
	if h.Status != "healthy" {
		return one(check, wire.Broken, where+" is held by the running heyq, which says: "+h.Reason, "see its log", h.LatencyMS)
	}
	return one(check, wire.Fine, where+" is held by the running heyq at "+d.config.HTTP.URL+", which was asked instead and is well", "", h.LatencyMS)
}

func (d *doctor) examineMigrations(ctx context.Context) []wire.Finding {
	const check = "migrations"
	list, took, err := timed(func() ([]store.Migration, error) { return d.store.Migrations(ctx) })
	if err != nil {
		return one(check, wire.Broken, "the migrations cannot be read: "+cause(err), "see that the database's user may read and create tables", took)
	}
	var missing []string
	for _, m := range list {
		if !m.Applied {
			missing = append(missing, m.Name)
		}
	}
	d.modern = len(missing) == 0
	what := fmt.Sprintf("%d of %d are not applied: %s", len(missing), len(list), strings.Join(missing, ", "))
	switch {
	case d.modern:
		if drift := d.examineDrift(ctx); drift != nil {
			return drift
		}
		return one(check, wire.Fine, fmt.Sprintf("all %d are applied", len(list)), "", took)
	case d.config.Store.DatabaseURL.IsSet():
		return one(check, wire.Broken, what, "run `heyq migrate up`", took)
	}
	return one(check, wire.Note, what+"; heyq applies them at its next start", "", took)
}

// examineDrift tells what was changed in the tables by other means than heyq's
// migrations.
func (d *doctor) examineDrift(ctx context.Context) []wire.Finding {
	const check = "migrations"
	drift, took, err := timed(func() ([]store.Drift, error) { return d.store.Drift(ctx) })
	if err != nil {
		return one(check, wire.Broken, "the tables cannot be compared: "+cause(err), "see that the database's user may read the catalog", took)
	}
	var missing, more []string
	for _, difference := range drift {
		if difference.Missing {
			missing = append(missing, difference.What)
		} else {
			more = append(more, difference.What)
		}
	}
	switch {
	case len(missing) > 0:
		return one(check, wire.Broken, "the tables lack "+strings.Join(missing, ", "), "undo what was changed by hand, or restore a backup", took)
	case len(more) > 0:
		return one(check, wire.Note, "all are applied, and these were added by hand: "+strings.Join(more, ", "), "", took)
	}
	return nil
}

// clockSkew is how far this machine's clock may be off. No promise hangs on it
// (docs/architecture.md), but asynq keeps its leases by the clocks of its clients,
// and logs and links are read by ours.
const clockSkew = 2 * time.Second

// examineClock compares ours with the database's. SQLite has none of its own.
func (d *doctor) examineClock(ctx context.Context) []wire.Finding {
	const check = "clock"
	if !d.config.Store.DatabaseURL.IsSet() {
		return nil
	}
	now := d.config.Protocol.ClockOffset.Now
	before := now()
	theirs, took, err := timed(func() (time.Time, error) { return d.store.Now(ctx) })
	if err != nil {
		return one(check, wire.Warning, "the database's time cannot be read: "+cause(err), "see that the database answers", took)
	}
	after := now()
	ours := before.Add(after.Sub(before) / 2)
	skew := ours.Sub(theirs)
	uncertain := after.Sub(before) / 2
	if skew.Abs() <= clockSkew+uncertain {
		return one(check, wire.Fine, fmt.Sprintf("this machine's is within %s of the database's", clockSkew), "", took)
	}
	way := "ahead of"
	if skew < 0 {
		way = "behind"
	}
	return one(check, wire.Warning, fmt.Sprintf("this machine's is %s %s the database's", skew.Abs().Round(100*time.Millisecond), way),
		"keep both by NTP (timedatectl set-ntp true); see which of the two is off", took)
}
