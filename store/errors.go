package store

import (
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
)

// ErrLocked is within the error of a write that another transaction kept waiting for
// too long. It is about the rows of that write alone: others may succeed.
var ErrLocked = errors.New("a row is locked")

// The refusals that both implementations give in the same words.

// ErrNotFound says that there is no such video.
func ErrNotFound(id uuid.UUID) error {
	return fault.New(fault.NotFound, "there is no video %s", id).
		WithAdvice(fault.ListVideos, "")
}

// ErrNoNotification says that there is no such notification.
func ErrNoNotification(id uuid.UUID) error {
	return fault.New(fault.NotFound, "there is no notification %s", id).
		WithAdvice(fault.ListNotifications, "")
}

// ErrKeyReused says that an idempotency key came with another request.
func ErrKeyReused(key string) error {
	return fault.New(fault.Conflict, "the Idempotency-Key was used for another request").
		WithField("Idempotency-Key", key, "was used before with another body").
		WithHint("send the same body to get the first answer again, or use a new key")
}

// ErrVideoKeyReused says that the key of a video came with another video.
func ErrVideoKeyReused(key string, first uuid.UUID) error {
	return fault.New(fault.Conflict, "an idempotency_key was used for another video; nothing was created").
		WithField("idempotency_key", key, "was used for video %s, which is not the same", first).
		WithHint("send what was sent before to get that video again, or use a new key")
}

// ErrEnded says that a video cannot be cancelled any more.
func ErrEnded(id uuid.UUID, s State) error {
	return fault.New(fault.Conflict, "video %s is %s and cannot be cancelled", id, s)
}

// ErrNotEnded says that a video cannot be tried again.
func ErrNotEnded(id uuid.UUID, s State) error {
	e := fault.New(fault.Conflict, "video %s is %s; only a failed or cancelled video can be tried again", id, s)
	if s == Completed {
		return e.WithHint("if its file is lost, verify the video to have it fetched again for nothing; create a new video to render it once more")
	}
	return e.WithHint("cancel it first, or wait for its end")
}

// Refetchable says whether the file of a video can be fetched again, which was
// found to be lost under prefix.
func Refetchable(v Video, prefix string) error {
	switch {
	case v.State == Downloading:
		return fault.New(fault.Conflict, "the file of video %s is on its way", v.ID).WithHint("wait until it is completed")
	case v.State != Completed || v.File == nil:
		return fault.New(fault.Conflict, "video %s is %s and has no file", v.ID, v.State).
			WithHint("a retry goes on with what HeyGen has")
	case !v.FilesRemovedAt.IsZero():
		return fault.New(fault.Gone, "the files of video %s were removed at %s", v.ID, v.FilesRemovedAt.UTC().Format(time.RFC3339)).
			WithHint("they were older than HEYQ_KEEP_FILES allows; create a new video to render it once more")
	case v.MediaPrefix != prefix:
		return fault.New(fault.Conflict, "the file of video %s was fetched again meanwhile", v.ID)
	case !v.Resumable:
		return fault.New(fault.Conflict, "HeyGen has no copy of video %s any more, so its file cannot be fetched again", v.ID).
			WithHint("create a new video to render it once more, which is paid again; a backup of the media store may have the file")
	}
	return nil
}

// ErrOpen says that a video cannot be deleted yet.
func ErrOpen(id uuid.UUID, s State) error {
	return fault.New(fault.Conflict, "video %s is %s and cannot be deleted", id, s).
		WithHint("cancel it first, or wait for its end")
}

// ErrHoldsSlot says that HeyGen may still be at a video that has ended.
func ErrHoldsSlot(id uuid.UUID, s State) error {
	return fault.New(fault.Conflict, "video %s is %s, and HeyGen may still render it; it cannot be deleted", id, s).
		WithHint("wait until HeyGen has let go of it: it is watched, and revived if it completes")
}

// ErrMayPayAgain says that a retry would render again what may have been billed.
func ErrMayPayAgain(id uuid.UUID) error {
	return fault.New(fault.Conflict, "video %s was sent to HeyGen before; trying again is a new render and may be billed again", id).
		WithField("new_render", false, "must be true to accept another paid render").
		WithAdvice(fault.AllowNewRender, id.String())
}

// ErrPerhapsCreated says that the database went away while it committed: the
// videos may exist.
func ErrPerhapsCreated(c Creation, err error) error {
	e := fault.Wrap(err, fault.Unavailable, "the database did not say whether it took the request; it may have been accepted")
	keyless := func(v NewVideo) bool { return v.Key == "" }
	if c.Once != nil || !slices.ContainsFunc(c.Videos, keyless) {
		return e.WithAdvice(fault.RepeatUnderKey, "")
	}
	return e.WithAdvice(fault.LookBeforeRepeat, "")
}
