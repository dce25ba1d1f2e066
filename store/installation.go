package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Installation is which heyq a database belongs to, and what it has learned of
// itself. Its ID is made with the schema, at random.
type Installation struct {
	ID         uuid.UUID
	Account    string // at HeyGen, as it was seen first, or SimulatorAccount; empty: none was seen
	Generation int64  // grows while creates are sent; a database that was set back has an older one

	// Home names the server and the database that the installation was last
	// known to live in, Here the present ones. Either is empty if that cannot
	// be told.
	Home, Here string

	// SetBack is when the database was last noticed to be an older state of itself;
	// zero: never. What such a row says of before was perhaps not all.
	SetBack time.Time
}

// SimulatorAccount is the Account of a database that the built-in simulator
// renders for.
const SimulatorAccount = "simulator"

// Word is the short form of the ID, eight characters of [0-9a-f]: for titles and
// for people. It tells installations apart, and proves nothing.
func (i Installation) Word() string { return i.ID.String()[:8] }

// Copied reports whether this database was made from the one that the
// installation lived in, by a dump or as a copy on one server.
func (i Installation) Copied() bool { return i.Home != "" && i.Here != "" && i.Home != i.Here }

// Identity is what an installation knows of itself.
type Identity interface {
	// Installation returns whose database this is.
	Installation(ctx context.Context) (Installation, error)
	// Keep returns the secret that the installation keeps under a name: secret
	// itself, unless it kept one before. All processes get the same one.
	Keep(ctx context.Context, name, secret string) (string, error)
	// RememberAccount writes down which account of HeyGen renders for this
	// database.
	RememberAccount(ctx context.Context, account string) error
	// Settle makes Here the Home.
	Settle(ctx context.Context) error
	// Advance makes the generation grow beyond itself and beyond least, and
	// returns it.
	Advance(ctx context.Context, least int64) (int64, error)
	// NoteSetBack makes now, by the database's clock, the time of SetBack.
	NoteSetBack(ctx context.Context) error
}

// The keys of the table meta that hold an Installation.
const (
	metaID         = "installation"
	metaAccount    = "heygen_account"
	metaGeneration = "generation"
	metaHome       = "home"
	metaSetBack    = "set_back" // microseconds since 1970
)

// InstallationOf reads the rows of the table meta. It is for the databases'
// packages.
func InstallationOf(meta map[string]string) (i Installation, err error) {
	if i.ID, err = uuid.Parse(meta[metaID]); err != nil {
		return i, fmt.Errorf("the installation's id in the table meta is %q: %w", meta[metaID], err)
	}
	i.Account, i.Home = meta[metaAccount], meta[metaHome]
	if text := meta[metaGeneration]; text != "" {
		if i.Generation, err = strconv.ParseInt(text, 10, 64); err != nil {
			return i, fmt.Errorf("the generation in the table meta: %w", err)
		}
	}
	if text := meta[metaSetBack]; text != "" {
		at, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return i, fmt.Errorf("the time of %s in the table meta: %w", metaSetBack, err)
		}
		i.SetBack = time.UnixMicro(at)
	}
	return i, nil
}
