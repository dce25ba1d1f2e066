package media

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// DefaultMaxBytes is the most that Fetch takes where the Source does not say.
const DefaultMaxBytes = 4 << 30

// ErrLinkExpired says that the host does not serve the link: it answered 401,
// 403, 404 or 410. A fresh link may do better.
var ErrLinkExpired = errors.New("the link is not served")

// ErrTooLarge says that the file exceeds the Source's MaxBytes.
var ErrTooLarge = errors.New("the file is too large")

// fetchTries is how many requests one Fetch may cost. A caller that wants more
// gets a fresh link first.
const fetchTries = 5

// Source is a file to fetch.
type Source struct {
	URL      string // http or https; never part of an error, for a presigned link is a key
	Name     string // of the part file; no two downloads under way may share one
	MaxBytes int64  // 0: DefaultMaxBytes
}

// Fetch streams the file into the spool. A download that breaks off goes on where
// it stopped, a few times, if the host can tell that the file is still the same
// one, and begins anew otherwise. What it returns has exactly the announced
// length, and the announced checksum where the host gives one. Errors other than
// ErrLinkExpired and ErrTooLarge may pass with time.
// On an error nothing is left in the spool.
func (l *Library) Fetch(ctx context.Context, src Source) (_ *Spooled, err error) {
	if src.MaxBytes <= 0 {
		src.MaxBytes = DefaultMaxBytes
	}
	f, err := l.spool.create(src.Name)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	defer func() {
		if closeErr := f.Close(); err == nil && closeErr != nil {
			err = fmt.Errorf("spool: %w", closeErr)
		}
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	d := newDownload(l, src, f)
	defer d.release()
	if err := l.attempts(ctx, d); err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	return d.spooled(), nil
}

// attempts runs the download until it is done, hopeless, or out of tries.
func (l *Library) attempts(ctx context.Context, d *download) error {
	for try := 1; ; try++ {
		err := d.attempt(ctx)
		if err == nil {
			return nil
		}
		_, again := errors.AsType[*interruption](err)
		if !again || try == fetchTries || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(l.pause << (try - 1)):
		}
	}
}

// interruption is an error after which the same link is worth another request.
type interruption struct{ err error }

func (i *interruption) Error() string { return i.err.Error() }
func (i *interruption) Unwrap() error { return i.err }

func interrupted(format string, args ...any) error {
	return &interruption{fmt.Errorf(format, args...)}
}
