package media

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"heyq/internal/netguard"
)

const bufferSize = 64 << 10

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

var errStalled = errors.New("the host stopped sending")

// errTooSlow ends a Fetch: another download has more use of its place.
var errTooSlow = errors.New("the host sends too slowly")

// haste is how slow a host may be: a Fetch has grace, and a second for each
// slowest bytes that it brings.
type haste struct {
	grace   time.Duration
	slowest int64 // bytes a second
}

var defaultHaste = haste{grace: 5 * time.Minute, slowest: 16 << 10}

func (h haste) allows(took time.Duration, bytes int64) bool {
	return took <= h.grace || (took-h.grace).Seconds() <= float64(bytes)/float64(h.slowest)
}

// download is one file on its way into the spool, over one or more requests.
type download struct {
	http  *http.Client
	stall time.Duration
	haste haste
	since time.Time // of the first request
	src   Source
	file  *os.File
	buf   *[bufferSize]byte
	began func() // the host has begun to send

	// What the requests so far have brought.
	offset int64 // bytes written and hashed
	sums   sums
	origin origin
}

// origin is what the host said of the file when it began to send it.
type origin struct {
	total     int64 // announced size; -1 if the host does not say
	etag      string
	validator string // for If-Range; empty: cannot resume
	declared  declared
}

func originOf(resp *http.Response) origin {
	h := resp.Header
	o := origin{
		total: resp.ContentLength, etag: h.Get("ETag"), declared: declaredIn(h),
	}
	switch {
	case o.etag != "" && !strings.HasPrefix(o.etag, "W/"):
		o.validator = o.etag
	case o.etag == "":
		o.validator = h.Get("Last-Modified")
	}
	return o
}

func newDownload(l *Library, src Source, f *os.File) *download {
	return &download{
		http: l.http, stall: l.stall, haste: l.haste, since: time.Now(), src: src, file: f,
		buf:  buffers.Get().(*[bufferSize]byte),
		sums: newSums(declared{}), origin: origin{total: -1},
	}
}

func (d *download) release() { buffers.Put(d.buf) }

func (d *download) spooled() *Spooled {
	return &Spooled{Path: d.file.Name(), Bytes: d.offset, SHA256: hex.EncodeToString(d.sums.sha256.Sum(nil))}
}

// attempt makes one request and takes what it brings.
func (d *download) attempt(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(d.stall, func() { cancel(errStalled) })
	defer watchdog.Stop()
	req, err := d.request(ctx)
	if err != nil {
		return err
	}
	resp, err := d.http.Do(req)
	if err != nil {
		return failed(ctx, err)
	}
	defer resp.Body.Close()
	if err := d.begin(resp); err != nil {
		return err
	}
	d.began()
	if err := d.copy(resp.Body, watchdog); err != nil {
		return failed(ctx, err)
	}
	if d.origin.total >= 0 && d.offset != d.origin.total {
		return interrupted("%d of %d bytes came", d.offset, d.origin.total)
	}
	return d.sums.check(d.origin.declared)
}

func (d *download) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.src.URL, nil)
	if err != nil {
		return nil, errors.New("the link is not a URL")
	}
	req.Header.Set("Accept-Encoding", "identity") // sizes and ranges count the file's own bytes
	if d.offset > 0 && d.origin.validator != "" {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.offset))
		req.Header.Set("If-Range", d.origin.validator)
	}
	return req, nil
}

// begin reads the head of an answer and prepares for its body: to go on, or to
// start over.
func (d *download) begin(resp *http.Response) error {
	asked := resp.Request.Header.Get("Range") != ""
	switch {
	case resp.StatusCode == http.StatusOK:
		return d.restart(resp)
	case resp.StatusCode == http.StatusPartialContent && asked:
		return d.resume(resp.Header)
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && asked:
		d.origin.validator = "" // the next request asks for all of it
		return interrupted("the host has no byte %d", d.offset)
	}
	return refused(resp.StatusCode)
}

func refused(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("%w: the host answered %d", ErrLinkExpired, status)
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return interrupted("the host answered %d", status)
	}
	if status >= 500 {
		return hostDown(fmt.Errorf("the host answered %d", status))
	}
	return fmt.Errorf("the host answered %d", status)
}

// restart takes a whole file from its first byte, whatever came before.
func (d *download) restart(resp *http.Response) error {
	if resp.ContentLength > d.src.MaxBytes {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, resp.ContentLength, d.src.MaxBytes)
	}
	if d.offset > 0 {
		if err := d.rewind(); err != nil {
			return fmt.Errorf("spool: %w", err)
		}
	}
	d.origin = originOf(resp)
	d.sums = newSums(d.origin.declared)
	return nil
}

func (d *download) rewind() error {
	d.offset = 0
	if err := d.file.Truncate(0); err != nil {
		return err
	}
	_, err := d.file.Seek(0, io.SeekStart)
	return err
}

// resume goes on at offset, if that is what the host sends. Hosts that know Range
// and not If-Range send the rest of whatever the file is now; what they say of it tells.
func (d *download) resume(h http.Header) error {
	var first, last, total int64
	contentRange := h.Get("Content-Range")
	_, err := fmt.Sscanf(contentRange, "bytes %d-%d/%d", &first, &last, &total)
	if err != nil || first != d.offset || last != total-1 || (d.origin.total >= 0 && total != d.origin.total) {
		d.origin.validator = ""
		return interrupted("the host answered a wrong range, %.60q", contentRange)
	}
	etag, modified := h.Get("ETag"), h.Get("Last-Modified")
	if etag != "" && etag != d.origin.etag || d.origin.etag == "" && modified != "" && modified != d.origin.validator {
		d.origin.validator = ""
		return interrupted("the file changed on the way")
	}
	if total > d.src.MaxBytes {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, total, d.src.MaxBytes)
	}
	d.origin.total = total
	return nil
}

// copy writes and hashes the body, buffer by buffer. The watchdog gives each
// buffer its time, so that a trickle counts as a stall.
func (d *download) copy(body io.Reader, watchdog *time.Timer) error {
	for {
		n, readErr := fill(d.buf[:], body)
		if d.offset+int64(n) > d.src.MaxBytes {
			return fmt.Errorf("%w: over %d bytes", ErrTooLarge, d.src.MaxBytes)
		}
		if _, err := d.file.Write(d.buf[:n]); err != nil {
			return fmt.Errorf("spool: %w", err)
		}
		d.sums.add(d.buf[:n])
		d.offset += int64(n)
		if readErr == io.EOF {
			return nil
		}
		if readErr != nil {
			return hostDown(readErr)
		}
		if !d.haste.allows(time.Since(d.since), d.offset) {
			return errTooSlow
		}
		watchdog.Reset(d.stall)
	}
}

// fill reads until buf is full or the reader errs; unlike io.ReadFull it leaves
// the error as it is, for a clean end and a cut must not look alike.
func fill(buf []byte, r io.Reader) (n int, err error) {
	for n < len(buf) && err == nil {
		var k int
		k, err = r.Read(buf[n:])
		n += k
	}
	return n, err
}

// failed sorts the errors of a request. The caller's own end and our own
// verdicts stay what they are; the rest is an interruption, without the link
// that net/http writes into its errors.
func failed(ctx context.Context, err error) error {
	if context.Cause(ctx) == errStalled {
		return hostDown(errStalled)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		switch {
		case errors.Is(wrapped.Err, ErrRedirectRefused), errors.Is(wrapped.Err, ErrLinkRefused):
			return wrapped.Err
		case errors.Is(wrapped.Err, netguard.ErrNotPublic):
			return fmt.Errorf("%w: %w", ErrRedirectRefused, wrapped.Err)
		}
		return hostDown(wrapped.Err)
	}
	return err
}
