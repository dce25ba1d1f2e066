package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
)

// Share is that a video is shown to a user whose it is not: the user reads it and its
// files, and changes nothing of it. A share is gone with the video, and with the user.
type Share struct {
	User uuid.UUID
	At   time.Time // since when
}

// MostShares is to how many users one video can be shown.
const MostShares = 1000

// Shares is what is shown to whom.
type Shares interface {
	// Share shows a video of a viewer's to a user. One that was shown to it before stays
	// shown. A fault.Invalid names the user_id of no user, or of whose video it is; a
	// fault.Conflict says that the video is shown to MostShares users.
	Share(ctx context.Context, w Viewer, video, user uuid.UUID) (Share, error)
	// Shares lists to whom a video of a viewer's is shown, the first one first.
	Shares(ctx context.Context, w Viewer, video uuid.UUID) ([]Share, error)
	// Unshare shows a video of a viewer's to a user no more. A fault.NotFound: it was not
	// shown to it.
	Unshare(ctx context.Context, w Viewer, video, user uuid.UUID) error
}

// ErrReadOnly says that a viewer may read a video, and no more.
func ErrReadOnly(id uuid.UUID) error {
	return fault.New(fault.Forbidden, "video %s is shown to you for reading only", id).
		WithHint("ask the user whose video it is")
}

// ErrNotShared says that a video is not shown to a user.
func ErrNotShared(video uuid.UUID, user string) error {
	return fault.New(fault.NotFound, "video %s is not shown to a user %.100q", video, user).
		WithAdvice(fault.ListShares, video.String())
}

// ErrCannotShare says why a video cannot be shown to a user.
func ErrCannotShare(user, why string) error {
	return fault.New(fault.Invalid, "the share is not valid").WithField("user_id", user, "%s", why)
}

// ErrTooManyShares says that a video is shown to as many users as can be.
func ErrTooManyShares(video uuid.UUID) error {
	return fault.New(fault.Conflict, "video %s is shown to %d users; it can be shown to no more", video, MostShares).
		WithHint("show it to one of them no more")
}
