package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"heyq/heygen"
	"heyq/internal/disk"
	"heyq/internal/fault"
	"heyq/operate/identity"
	"heyq/store"
	"heyq/store/sqlite"
	"heyq/wire"
)

// examineInstallation compares the marks and the account, as a start does, and
// marks nothing.
func (d *doctor) examineInstallation(ctx context.Context) []wire.Finding {
	const check = "installation"
	if d.without(check, "DATABASE_URL", "HEYQ_DIR", "REDIS_URL", "HEYQ_MEDIA_URL", "HEYGEN_API_KEY", "HEYGEN_API_URL") != nil {
		return nil // which is told of already
	}
	var places []identity.Place
	if d.config.Redis.URL.IsSet() {
		places = append(places, identity.InRedis(d.redis(), d.config.Redis.URL.String()))
	}
	if library, closed := d.openMarked(ctx); library != nil {
		defer closed()
		places = append(places, library)
	}
	self, found := identity.Examine(ctx, d, places, d.account())
	var list []wire.Finding
	for _, err := range found {
		f, ok := errors.AsType[*fault.Error](err)
		switch {
		case errors.Is(err, errNoDatabase):
			return nil
		case !ok:
			list = append(list, one(check, wire.Warning, "it cannot be told which this is: "+cause(err), "see what is said of the store", 0)...)
		case f.Code == fault.Conflict:
			list = append(list, one(check, wire.Broken, f.Message, f.Hint, 0)...)
		default:
			list = append(list, one(check, wire.Warning, cause(err), f.Hint, 0)...)
		}
	}
	if len(list) > 0 {
		return list
	}
	return one(check, wire.Fine, self.ID.String()+": nothing that it uses is another's", "", 0)
}

// errNoDatabase says that there is none whose installation could be told.
var errNoDatabase = errors.New("there is no database with this heyq's schema")

// Installation implements identity.Database. A file that a running heyq has to
// itself is read beside it.
func (d *doctor) Installation(ctx context.Context) (store.Installation, error) {
	switch {
	case d.store != nil && d.modern:
		return d.store.Installation(ctx)
	case d.store != nil || d.config.Store.DatabaseURL.IsSet():
		return store.Installation{}, errNoDatabase
	}
	snapshot, err := sqlite.OpenSnapshot(ctx, d.config.DatabasePath())
	if err != nil {
		return store.Installation{}, errNoDatabase
	}
	i, err := snapshot.Installation(ctx)
	return i, errors.Join(err, snapshot.Close())
}

// account returns the function by which a start asks for the account at HeyGen.
// It returns nil if there is no account to compare.
func (d *doctor) account() func(context.Context) (string, error) {
	client, err := d.client()
	switch {
	case err != nil, client == nil && d.config.Store.DatabaseURL.IsSet() && !d.config.HeyGen.Simulator:
		return nil
	}
	return identity.AccountOf(client)
}

// openMarked opens the media store, if it is there: a folder that heyq will make
// has no mark.
func (d *doctor) openMarked(ctx context.Context) (library Media, closed func()) {
	where, err := d.config.MediaURL()
	if err != nil {
		return nil, nil
	}
	if u, err := url.Parse(where); err == nil && u.Scheme == "file" {
		if folder := filepath.FromSlash(u.Path); disk.Existing(folder) != folder {
			return nil, nil
		}
	}
	spool, err := os.MkdirTemp("", "heyq-doctor-")
	if err != nil {
		return nil, nil
	}
	library, err = d.Media(ctx, where, spool)
	if err != nil {
		_ = os.RemoveAll(spool)
		return nil, nil
	}
	return library, func() { _ = errors.Join(library.Close(), os.RemoveAll(spool)) }
}

// examineNeighbours says who else renders at the account: all share its cap.
func (d *doctor) examineNeighbours(ctx context.Context, client *heygen.Client) []wire.Finding {
	const check = "account"
	self, err := d.Installation(ctx)
	if err != nil {
		return nil
	}
	others, took, err := timed(func() ([]Neighbour, error) {
		return Neighbours(ctx, client.Videos, self.Word())
	})
	if err != nil {
		return nil // that it may not read is told of already
	}
	var list []wire.Finding
	for _, n := range others {
		switch {
		case n.Word != "":
			list = append(list, one(check, wire.Warning,
				fmt.Sprintf("another heyq renders at this HeyGen account, whose titles say %s: %d of the newest hundred videos, %d in flight", n.Word, n.Listed, n.InFlight),
				"both share the account's slots: give each an account of its own, or its share of the slots by HEYGEN_CONCURRENCY; "+
					"if it was this heyq in another database, nothing is to be done", took)...)
		case n.InFlight > 0:
			list = append(list, one(check, wire.Note, fmt.Sprintf("renders in flight at HeyGen that no heyq made: %d; they use slots of this account", n.InFlight), "", took)...)
		}
	}
	return list
}
