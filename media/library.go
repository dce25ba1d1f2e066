package media

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file:// URLs
	_ "gocloud.dev/blob/s3blob"   // s3:// URLs

	"heyq/internal/durable"
	"heyq/internal/fault"
	"heyq/internal/policy"
)

// Options configures a Library. URL is required.
type Options struct {
	// URL is where finished files go: file:///absolute/folder, s3://bucket?region=…,
	// or the plain path of a folder. Folders are created.
	URL string

	// Spool is the folder for downloads that are under way. It is created, and
	// may be shared: each library has a folder of its own in it. On the same file
	// system as the media folder, publishing is a rename. Empty: this library
	// fetches nothing.
	Spool string

	// Stall is how long each 64 KiB of a download, or its first byte, may take
	// before the connection counts as dead. Default 30 s, so that a host has to
	// send 2 KiB/s all the time; from its sixth minute on a Fetch has to have brought
	// 16 KiB for each second more. A trickle does not hold a place for hours.
	Stall time.Duration

	// Pause is the wait before the first resumption of a cut download; it doubles,
	// unless the Policies say otherwise. Default 200 ms.
	Pause time.Duration

	// Observe is told of each operation on the media store when it has ended:
	// publish, open, delete, list or ping, and why it failed. nil: nothing is told.
	Observe func(name string, err error, took time.Duration)

	// Private reports whether links to a host (with its port, if the link has one)
	// may lead to an address that is not public. nil: none may.
	Private func(host string) bool

	// Wrap puts something around the transport of downloads. nil: nothing.
	Wrap func(http.RoundTripper) http.RoundTripper
	// Policies stand between the library and what it calls.
	Policies Policies
}

// Library keeps the finished files. It is safe for concurrent use.
type Library struct {
	shelf shelf
	spool *spool
	http  *http.Client
	stall time.Duration
	haste haste

	observe  func(name string, err error, took time.Duration)
	policies Policies
}

// shelf is where published files stand: a bucket, or a folder, which has
// quicker ways.
type shelf interface {
	publish(ctx context.Context, prefix string, files []File) error
	open(ctx context.Context, key string) (*Object, error)
	delete(ctx context.Context, prefix string) error
	prefixes(ctx context.Context) iter.Seq2[Prefix, error]
	ping(ctx context.Context) error
	tryWrite(ctx context.Context) error // a few bytes come, are read, and go
	write(ctx context.Context, key string, data []byte) error
	abortUploads(ctx context.Context, before time.Time) (int, error)
	discard(ctx context.Context, prefix string) error
	emptyTrash(ctx context.Context, before time.Time) error
	io.Closer
}

// Open returns a Library on the media store at o.URL.
func Open(ctx context.Context, o Options) (*Library, error) {
	if o.URL == "" {
		return nil, fault.New(fault.Invalid, "the media store needs a URL")
	}
	shelf, err := openShelf(ctx, o.URL)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the media store cannot be opened: %v", err).
			WithHint("give a folder's path, a file:///… URL or an s3://bucket URL")
	}
	spool, err := openSpool(o.Spool)
	if err != nil {
		return nil, errors.Join(err, shelf.Close())
	}
	l := &Library{
		shelf: shelf,
		spool: spool,
		http:  newClient(o.Private, o.Wrap),
		stall: cmp.Or(o.Stall, 30*time.Second),
		haste: defaultHaste,

		observe:  o.Observe,
		policies: o.Policies,
	}
	if _, local := shelf.(*folder); local {
		l.policies.Store, l.policies.Timeout = nil, nil
	}
	if l.policies.Retry == nil {
		pause := cmp.Or(o.Pause, 200*time.Millisecond)
		l.policies.Retry = policy.New(policy.Options{}).Retry("files", FetchTries, policy.Exponential(pause, 16*pause))
	}
	return l, nil
}

func openShelf(ctx context.Context, raw string) (shelf, error) {
	u, err := parseURL(raw)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "file" {
		return openBucket(ctx, u)
	}
	q := u.Query()
	q.Set("no_tmp_dir", "true")
	q.Set("create_dir", "true")
	q.Set("metadata", "skip")
	q.Set("dir_file_mode", strconv.Itoa(folderMode))
	u.RawQuery = q.Encode()
	b, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, err
	}
	return &folder{bucket: bucket{b}, dir: filepath.FromSlash(u.Path), rename: os.Rename, flush: durable.Sync}, nil
}

// parseURL reads a URL, or a plain path as the URL of its folder.
func parseURL(raw string) (*url.URL, error) {
	if strings.Contains(raw, "://") {
		u, err := url.Parse(raw)
		if err != nil {
			return nil, err
		}
		if u.Scheme == "file" && (u.Host != "" && u.Host != "localhost" || u.Path == "") {
			return nil, errors.New("a file URL has three slashes and an absolute path")
		}
		return u, nil
	}
	path, err := filepath.Abs(raw)
	if err != nil {
		return nil, err
	}
	return &url.URL{Scheme: "file", Path: filepath.ToSlash(path)}, nil
}

// Close releases the media store and removes this library's part of the spool.
// Files that are still open stay readable.
func (l *Library) Close() error { return errors.Join(l.spool.close(), l.shelf.Close()) }

// Ping reports whether the spool can be written and the media store reached; a
// folder is tried by writing, a bucket by asking for a key.
func (l *Library) Ping(ctx context.Context) error {
	if err := l.spool.ping(); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	if err := l.quick(ctx, "ping", l.shelf.ping); err != nil {
		return fmt.Errorf("media store: %w", err)
	}
	return nil
}

// TryWrite is Ping, and has a bucket show that it can be used as well: a few bytes
// are written in the way of every file, read and removed. Refuses says what an error
// means.
func (l *Library) TryWrite(ctx context.Context) error {
	if err := l.Ping(ctx); err != nil {
		return err
	}
	if err := l.shelf.tryWrite(ctx); err != nil {
		return fmt.Errorf("write to the media store: %w", err)
	}
	return nil
}

// writable tries dir with a byte, which a full disk refuses.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".ping-*")
	if err != nil {
		return err
	}
	_, err = f.Write([]byte{0})
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}
