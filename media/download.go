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

	"heyq/internal/public"
)

const bufferSize = 64 << 10

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

var errStalled = errors.New("the host stopped sending")

// errTooSlow ends a Fetch, and keeps what came as an interruption does: the
// download goes on in its next attempt, and its place is somebody else's meanwhile.
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
	had   int64     // bytes that an earlier Fetch has left
	src   Source
	file  *os.File
	buf   *[bufferSize]byte
	began func() // the host has begun to send

	// What the requests so far have brought.
	offset int64 // bytes written and hashed
	sums   sums
	origin origin
	noted  bool // origin stands beside the part
}

// origin is what the host said of the file when it began to send it.
type origin struct {
	Total       int64    `json:"total"` // announced size; -1 where the host does not say
	ETag        string   `json:"etag,omitempty"`
	ContentType string   `json:"content_type,omitempty"`
	Validator   string   `json:"validator,omitempty"` // for If-Range; empty: cannot resume
	Declared    declared `json:"declared"`
}

func originOf(resp *http.Response) origin {
	h := resp.Header
	o := origin{
		Total: resp.ContentLength, ETag: h.Get("ETag"), ContentType: h.Get("Content-Type"), Declared: declaredIn(h),
	}
	switch {
	case o.ETag != "" && !strings.HasPrefix(o.ETag, "W/"):
		o.Validator = o.ETag
	case o.ETag == "":
		o.Validator = h.Get("Last-Modified")
	}
	return o
}

func newDownload(l *Library, src Source, f *os.File) *download {
	return &download{
		http: l.http, stall: l.stall, haste: l.haste, since: time.Now(), src: src, file: f,
		buf:  buffers.Get().(*[bufferSize]byte),
		sums: newSums(declared{}), origin: origin{Total: -1},
	}
}

func (d *download) release() { buffers.Put(d.buf) }

func (d *download) spooled() *Spooled {
	return &Spooled{
		Path: d.file.Name(), Bytes: d.offset, SHA256: hex.EncodeToString(d.sums.sha256.Sum(nil)),
		ETag: d.origin.ETag, ContentType: d.origin.ContentType,
	}
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
	if d.origin.Total >= 0 && d.offset != d.origin.Total {
		return interrupted("%d of %d bytes came", d.offset, d.origin.Total)
	}
	return d.sums.check(d.origin.Declared)
}

func (d *download) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.src.URL, nil)
	if err != nil {
		return nil, errors.New("the link is not a URL")
	}
	req.Header.Set("Accept-Encoding", "identity") // sizes and ranges count the file's own bytes
	if d.offset > 0 && d.origin.Validator != "" {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.offset))
		req.Header.Set("If-Range", d.origin.Validator)
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
		d.origin.Validator = "" // the next request asks for all of it
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
	d.sums = newSums(d.origin.Declared)
	if err := d.note(); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return nil
}

// note keeps the note beside the part true, before the part's first byte.
func (d *download) note() error {
	o := d.origin
	large := o.Total < 0 || o.Total >= worthKeeping
	was := d.noted
	d.noted = d.src.Keep && large && o.Validator != ""
	switch {
	case d.noted:
		return note(d.file.Name(), o)
	case was:
		return os.Remove(aboutPath(d.file.Name()))
	}
	return nil
}

// goOn takes over a part that an earlier download left, and hashes it by reading
// it again. Its last byte is left to the host, so that even a whole file is not
// believed without its word.
func (d *download) goOn(ctx context.Context, o origin) error {
	info, err := d.file.Stat()
	if err != nil {
		return err
	}
	size := max(0, info.Size()-1)
	if err := d.file.Truncate(size); err != nil {
		return err
	}
	d.origin, d.sums, d.noted = o, newSums(o.Declared), true
	for d.offset < size && ctx.Err() == nil {
		n, err := d.file.Read(d.buf[:])
		if err != nil {
			return err
		}
		d.sums.add(d.buf[:n])
		d.offset += int64(n)
	}
	d.since, d.had = time.Now(), d.offset
	return ctx.Err()
}

func (d *download) rewind() error {
	d.offset, d.had = 0, 0
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
	if err != nil || first != d.offset || last != total-1 || (d.origin.Total >= 0 && total != d.origin.Total) {
		d.origin.Validator = ""
		return interrupted("the host answered a wrong range, %.60q", contentRange)
	}
	etag, modified := h.Get("ETag"), h.Get("Last-Modified")
	if etag != "" && etag != d.origin.ETag || d.origin.ETag == "" && modified != "" && modified != d.origin.Validator {
		d.origin.Validator = ""
		return interrupted("the file changed on the way")
	}
	if total > d.src.MaxBytes {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, total, d.src.MaxBytes)
	}
	d.origin.Total = total
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
		if !d.haste.allows(time.Since(d.since), d.offset-d.had) {
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
		case errors.Is(wrapped.Err, public.ErrNotPublic):
			return fmt.Errorf("%w: %w", ErrRedirectRefused, wrapped.Err)
		}
		return hostDown(wrapped.Err)
	}
	return err
}
