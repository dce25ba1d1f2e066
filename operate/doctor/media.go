package doctor

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"

	"heyq/internal/disk"
	"heyq/internal/fault"
	"heyq/wire"
)

// examineMedia writes to the media store and takes it away again. Folders that
// heyq will make are not made here.
func (d *doctor) examineMedia(ctx context.Context) []wire.Finding {
	const check = "media"
	if skip := d.without(check, "HEYQ_MEDIA_URL", "HEYQ_DIR"); skip != nil {
		return skip
	}
	where, err := d.config.MediaURL()
	if err != nil {
		return one(check, wire.Broken, cause(err), "give HEYQ_MEDIA_URL an absolute path", 0)
	}
	if u, err := url.Parse(where); err == nil && u.Scheme == "file" {
		if folder := filepath.FromSlash(u.Path); disk.Existing(folder) != folder {
			return toBeMade(check, folder)
		}
	}
	spool, err := os.MkdirTemp("", "heyq-doctor-")
	if err != nil {
		return one(check, wire.Broken, cause(err), "see that the folder for temporary files can be written", 0)
	}
	defer os.RemoveAll(spool)
	_, took, err := timed(func() (_ struct{}, err error) {
		library, err := d.Media(ctx, where, spool)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, errors.Join(library.TryWrite(ctx), library.Close())
	})
	if err != nil {
		if f, ok := errors.AsType[*fault.Error](err); ok && f.Code == fault.Invalid {
			return one(check, wire.Broken, f.Message, f.Hint, took)
		}
		return one(check, wire.Broken, where+": "+cause(err), "see that it is there, and that this user, or these credentials, may write to it", took)
	}
	return one(check, wire.Fine, where+" can be written and read", "", took)
}

// toBeMade is for a folder that heyq makes at its start, if it may.
func toBeMade(check, folder string) []wire.Finding {
	parent := disk.Existing(folder)
	probe, err := os.CreateTemp(parent, ".heyq-doctor-*")
	if err != nil {
		return one(check, wire.Broken, folder+" does not exist, and cannot be made: "+cause(err), "make it, or let this user write to "+parent, 0)
	}
	_ = errors.Join(probe.Close(), os.Remove(probe.Name()))
	return one(check, wire.Note, folder+" does not exist yet: heyq makes it at its start", "", 0)
}
