package media

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"strings"
	"sync"
	"time"

	"gocloud.dev/gcerrors"

	"heyq/internal/policy"
)

// Policies stand between a Library and what it does not control. The zero value
// asks a host five times for a file, and has no others.
type Policies struct {
	Hosts *policy.Hosts // of files; what they refuse is a policy.Refusal
	Retry *policy.Retry // of the requests for a file

	// For a bucket, which repeats its requests itself. A folder needs none.
	Store   *policy.Breaker
	Timeout *policy.Timeout // of what carries no file
}

// pass asks whether the host of a file may be called. A Fetch and its requests
// are one call. It is over for the breaker when the host has begun to send, for a
// large file takes its time: judge after that does nothing.
func (p Policies) pass(ctx context.Context, link string) (judge func(error), err error) {
	u, err := url.Parse(link)
	if err != nil {
		return func(error) {}, nil // Fetch says so in its own words
	}
	done, err := p.Hosts.Of(strings.ToLower(u.Host)).Allow(ctx)
	if err != nil {
		return nil, err
	}
	var once sync.Once
	return func(err error) { once.Do(func() { done(hostVerdict(err)) }) }, nil
}

// hostVerdict returns what the error of a Fetch says about its host, for the breaker.
func hostVerdict(err error) error {
	cut, interrupted := errors.AsType[*interruption](err)
	switch {
	case err == nil:
		return nil
	case interrupted && cut.down:
		return cut
	case interrupted, errors.Is(err, ErrLinkExpired), errors.Is(err, ErrTooLarge):
		return nil // it answered
	}
	return policy.ErrInconclusive
}

// call does one operation on the media store, behind its breaker. A name has it
// observed.
func (l *Library) call(ctx context.Context, name string, do func(context.Context) error) error {
	start := time.Now()
	done, err := l.policies.Store.Allow(ctx)
	if err == nil {
		err = do(ctx)
		done(storeVerdict(err))
	}
	l.tell(name, err, time.Since(start))
	return err
}

// quick is call for what carries no file, and so has a timeout.
func (l *Library) quick(ctx context.Context, name string, do func(context.Context) error) error {
	return l.call(ctx, name, func(ctx context.Context) error { return l.policies.Timeout.Do(ctx, do) })
}

// storeVerdict is what an error says about the bucket. S3 answers with a status;
// without one it was not reached.
func storeVerdict(err error) error {
	status := statusOf(err)
	_, ours := errors.AsType[*fs.PathError](err)
	switch {
	case err == nil, gcerrors.Code(err) == gcerrors.NotFound:
		return nil
	case ours, errors.Is(err, context.Canceled), policy.RefusalIn(err) != nil:
		return policy.ErrInconclusive
	case status > 0 && status < 500:
		return nil
	}
	return err
}
