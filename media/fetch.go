package media

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// DefaultMaxBytes is the most that Fetch takes where the Source does not say.
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
	Name     string // of the file, the same each time that it is fetched
	MaxBytes int64  // 0: DefaultMaxBytes

	// Keep has a Fetch that fails leave what it has for the next one of that Name,
	// in this process or another on the same spool. It is for large files.
	Keep bool
}

// Fetch streams the file into the spool. A download that breaks off goes on where
// it stopped, a few times, if the host can tell that the file is still the same
// one, and begins anew otherwise. So does one that an earlier Fetch of a Name to
// Keep, or a process that died on it, has left. What it returns has exactly the
// announced length, and the announced checksum where the host gives one. Errors
// other than ErrLinkExpired and ErrTooLarge may pass with time.
//
// On an error nothing is left but what is kept. Where ctx ends with a cause of
// its own (context.Cause), somebody else has the download, and nothing is kept.
func (l *Library) Fetch(ctx context.Context, src Source) (_ *Spooled, err error) {
	if src.MaxBytes <= 0 {
		src.MaxBytes = DefaultMaxBytes
	}
	judge, err := l.policies.pass(ctx, src.URL)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	defer func() { judge(err) }()
	f, left, err := l.open(ctx, src)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	d := newDownload(l, src, f)
	d.began = func() { judge(nil) }
	defer d.release()
	if left != nil {
		err = d.goOn(ctx, *left)
	}
	if err == nil {
		err = l.attempts(ctx, d)
	}
	if closeErr := f.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("spool: %w", closeErr)
	}
	if err != nil {
		l.leave(ctx, d, err)
		return nil, fmt.Errorf("fetch: %w", err)
	}
	return d.spooled(), nil
}

// open opens a part for the download: one that was kept, with what its host said
// of it, or an empty one.
func (l *Library) open(ctx context.Context, src Source) (*os.File, *origin, error) {
	if err := checkName(src.Name); err != nil {
		return nil, nil, err
	}
	if src.Keep {
		l.spool.rescueLately(ctx)
		if f, left := l.spool.adopt(src.Name); f != nil {
			return f, &left, nil
		}
	}
	f, err := l.spool.create(src.Name)
	return f, nil, err
}

// leave keeps the part of a download that failed with err, or removes it.
func (l *Library) leave(ctx context.Context, d *download, err error) {
	if errors.Is(err, syscall.ENOSPC) {
		_, _ = l.spool.expire(bounds{age: l.spool.keep.age}) // what is under way goes first
	}
	_, cut := errors.AsType[*interruption](err)
	cut = cut || errors.Is(err, ErrLinkExpired) || errors.Is(err, errTooSlow) || ctx.Err() != nil
	part := d.file.Name()
	if cut && d.noted && d.origin.Validator != "" && l.keep(ctx, part) == nil {
		return
	}
	_ = removePart(part)
}

// Keep leaves a whole file that could not be published for the next Fetch of its
// Name, as Fetch leaves a part. After an error it is still there to Remove.
func (l *Library) Keep(ctx context.Context, s *Spooled) error {
	if err := l.keep(ctx, s.Path); err != nil {
		return fmt.Errorf("keep spooled: %w", err)
	}
	return nil
}

func (l *Library) keep(ctx context.Context, part string) error {
	if cause := context.Cause(ctx); cause != ctx.Err() {
		return cause // somebody else has the download
	}
	return l.spool.putAside(part)
}

// attempts runs the download until it is done, hopeless, or out of tries.
func (l *Library) attempts(ctx context.Context, d *download) error {
	return l.policies.Retry.Do(ctx, interrupts, d.attempt)
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
