package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
)

// NotifySecret signs what the receivers of one user's videos are told. With one secret
// for all users each receiver could sign for all of them.
type NotifySecret struct {
	Secret string
	MadeAt time.Time
	Former string    // the one before, which signs as well while it is exchanged; empty: none
	Until  time.Time // until when it does; zero: there is none
}

// FormerSecretLife is how long a secret that was replaced signs beside the new one.
const FormerSecretLife = 24 * time.Hour

// NotifySecrets are the users' own secrets. Those of DefaultUser are configured.
type NotifySecrets interface {
	// NotifySecret returns a user's secret: fresh, unless the user had one before. All
	// processes get the same one. A fault.NotFound: there is no such user.
	NotifySecret(ctx context.Context, user uuid.UUID, fresh string) (NotifySecret, error)
	// RotateNotifySecret makes fresh the user's secret. The one before signs as well for
	// FormerSecretLife. A fault.Conflict: it does so already for one before.
	RotateNotifySecret(ctx context.Context, user uuid.UUID, fresh string) (NotifySecret, error)
}

// ErrRotating says that a secret is being exchanged already: a third one would end the
// first, which receivers may still have.
func ErrRotating(until time.Time) error {
	return fault.New(fault.Conflict, "the secret is being exchanged already: the one before signs until %s", until.UTC().Format(time.RFC3339)).
		WithHint("give the present one to your receivers, and exchange it after that")
}
