package media

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// DefaultMaxBytes is the most that Fetch takes if the Source does not say.
const DefaultMaxBytes = 4 << 30

// ErrLinkExpired says that the host does not serve the link: it answered 401,
// 403, 404 or 410. A fresh link may do better.
var ErrLinkExpired = errors.New("the link is not served")

// ErrTooLarge says that the file exceeds the Source's MaxBytes.
var ErrTooLarge = errors.New("the file is too large")

// FetchTries is how many requests one Fetch should cost. A caller that wants more
// gets a fresh link first.
const FetchTries = 5

// Source is a file to fetch.
type Source struct {
	URL      string // http or https; never part of an error, for a presigned link is a key
	MaxBytes int64  // 0: DefaultMaxBytes
}

// Fetch streams the file into the spool. A download that breaks off goes on where
// it stopped, a few times, if the host can tell that the file is still the same
// one, and begins anew otherwise. What it returns has exactly the announced length,
// and the announced checksum if the host gives one. Errors other than
// ErrLinkExpired and ErrTooLarge may pass with time. After an error nothing is left.
func (l *Library) Fetch(ctx context.Context, src Source) (_ *Spooled, err error) {
	if src.MaxBytes <= 0 {
		src.MaxBytes = DefaultMaxBytes
	}
	judge, err := l.policies.pass(ctx, src.URL)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	defer func() { judge(err) }()
	f, err := l.spool.create()
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	d := newDownload(l, src, f)
	d.began = func() { judge(nil) }
	defer d.release()
	err = l.policies.Retry.Do(ctx, interrupts, d.attempt)
	if closeErr := f.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("spool: %w", closeErr)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // else the sweep does, once this process has ended
		return nil, fmt.Errorf("fetch: %w", err)
	}
	return d.spooled(), nil
}

func interrupts(err error) bool {
	_, again := errors.AsType[*interruption](err)
	return again
}

// interruption is an error after which the same link is worth another request.
type interruption struct {
	err  error
	down bool // the host was not reached, did not answer or answered with a 5xx
}

func (i *interruption) Error() string { return i.err.Error() }
func (i *interruption) Unwrap() error { return i.err }

func interrupted(format string, args ...any) error {
	return &interruption{err: fmt.Errorf(format, args...)}
}

func hostDown(err error) error { return &interruption{err: err, down: true} }
