package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// Installation is which heyq a database belongs to. Its ID is made with the
// schema, at random.
type Installation struct {
	ID uuid.UUID
}

// Word is the short form of the ID, eight characters of [0-9a-f]: for titles and
// for people. It tells installations apart, and proves nothing.
func (i Installation) Word() string { return i.ID.String()[:8] }

// Identity is what an installation knows of itself.
type Identity interface {
	// Installation returns whose database this is.
	Installation(ctx context.Context) (Installation, error)
	// Keep returns the secret that the installation keeps under a name: secret
	// itself, unless it kept one before. All processes get the same one.
	Keep(ctx context.Context, name, secret string) (string, error)
}

// InstallationOf reads the rows of the table meta. It is for the databases'
// packages.
func InstallationOf(meta map[string]string) (i Installation, err error) {
	if i.ID, err = uuid.Parse(meta["installation"]); err != nil {
		return i, fmt.Errorf("the installation's id in the table meta is %q: %w", meta["installation"], err)
	}
	return i, nil
}
