package simulator

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// slowness is the time between two bytes of a slow file.
const slowness = 250 * time.Millisecond

// settling is how long a late file is missing if no delay is given.
const settling = 5 * time.Second

// drawFile decides what goes wrong with one file of v.
func (s *Simulator) drawFile(r *http.Request, v *render, name string, now time.Time) *shot {
	if s.calm(r) {
		return nil
	}
	return s.draw(target{on: onFile, about: v.about() + "/" + name, title: v.Title, wish: r.Header.Get(faultHeader), fits: func(hit *shot) bool {
		switch hit.fault {
		case "range_200":
			return r.Header.Get("Range") != ""
		case "no_sound", "silent", "too_short", "foreign", "no_size":
			return name == videoFile || name == captionedFile
		case "late":
			if hit.delay == 0 {
				hit.delay = settling
			}
			return now.Before(time.UnixMilli(v.ReadyMS).Add(hit.delay))
		default:
			return true
		}
	}})
}

// refusesFile answers in the file's place; false: the file is sent, if badly.
func refusesFile(w http.ResponseWriter, r *http.Request, hit *shot) bool {
	switch hit.fault {
	case "expired":
		refuseFile(w, http.StatusForbidden, "AccessDenied", "Request has expired")
	case "late":
		refuseFile(w, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	case "server_error":
		refuseFile(w, http.StatusInternalServerError, "InternalError", "We encountered an internal error.")
	case "html":
		page(http.StatusOK, "One moment, please").send(w, r)
	case "redirect_private":
		targets := []string{"http://169.254.169.254/", "http://127.0.0.1:9/"}
		http.Redirect(w, r, targets[hit.dice%2], http.StatusFound)
	default:
		return false
	}
	return true
}

// spoilFile sends f, whose headers are set, with the fault.
func (s *Simulator) spoilFile(w http.ResponseWriter, r *http.Request, v *render, name string, f file, hit *shot) {
	if film, ok := broken[hit.fault]; ok { // a whole file of another content, with its own names
		f = film().movie(v, name)
		w.Header().Set("ETag", `"`+v.ID+"-"+hit.fault+"-"+name+`"`)
		w.Header().Set(checksumHeader, base64Sum(f.sum))
		f.send(w, r)
		return
	}
	switch hit.fault {
	case "truncated": // says how much there is, sends half, and is gone
		f.send(&cutting{ResponseWriter: w, hangUp: true}, r)
	case "truncated_chunked": // the half looks whole
		f.send(&cutting{ResponseWriter: w}, r)
	case "truncated_length": // half of the file is all that there is
		f.content = io.NewSectionReader(f.content, 0, f.content.Size()/2)
		f.send(w, r)
	case "bit_flip":
		at := int64(hit.dice>>3) % f.content.Size()
		f.content = io.NewSectionReader(flipped{f.content, at, 1 << (hit.dice & 7)}, 0, f.content.Size())
		f.send(w, r)
	case "range_200":
		w.Header().Set("Accept-Ranges", "bytes")
		f.sendWhole(w)
	case "no_range":
		f.sendWhole(w)
	case "slow":
		drip := &dripping{ResponseWriter: w, drop: func() bool { return s.wait(r, slowness) }}
		if hit.delay > 0 {
			drip.until = time.Now().Add(hit.delay)
		}
		f.send(drip, r)
	case "endless":
		s.sendForEver(w, r, f)
	}
}

// sendWhole sends the file whatever range was asked for.
func (f file) sendWhole(w http.ResponseWriter) {
	w.Header().Set("Content-Length", strconv.FormatInt(f.content.Size(), 10))
	_, _ = io.Copy(w, f.content) // the client may be gone
}

// sendForEver sends the file and then zeros, about 100 MB a second, until the
// client has enough.
func (s *Simulator) sendForEver(w http.ResponseWriter, r *http.Request, f file) {
	_, err := io.Copy(w, f.content)
	zeros := make([]byte, 1<<20)
	for err == nil && s.wait(r, 10*time.Millisecond) {
		_, err = w.Write(zeros)
	}
}

// cutting lets half of an answer's body through. It hangs up then, or says that
// this was all.
type cutting struct {
	http.ResponseWriter
	hangUp bool
	left   int
}

func (c *cutting) WriteHeader(status int) {
	length, _ := strconv.Atoi(c.Header().Get("Content-Length"))
	c.left = length / 2
	if !c.hangUp {
		c.Header().Del("Content-Length")
	}
	c.ResponseWriter.WriteHeader(status)
	_ = http.NewResponseController(c.ResponseWriter).Flush()
}

func (c *cutting) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	c.left -= n
	if err != nil || c.left > 0 {
		return n, err
	}
	if c.hangUp {
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		hangUp(c.ResponseWriter)
	}
	return n, errHungUp
}

// dripping sends a body byte by byte, until it has lasted long enough.
type dripping struct {
	http.ResponseWriter
	until time.Time   // zero: to the end
	drop  func() bool // waits for the next byte; false: give up
}

func (d *dripping) Write(p []byte) (int, error) {
	for n := range p {
		if !d.until.IsZero() && time.Now().After(d.until) {
			m, err := d.ResponseWriter.Write(p[n:])
			return n + m, err
		}
		if _, err := d.ResponseWriter.Write(p[n : n+1]); err != nil {
			return n, err
		}
		_ = http.NewResponseController(d.ResponseWriter).Flush()
		if !d.drop() {
			return n + 1, errHungUp
		}
	}
	return len(p), nil
}

// flipped reads a file with one bit turned over.
type flipped struct {
	io.ReaderAt
	at  int64
	bit byte
}

// ReadAt implements io.ReaderAt.
func (f flipped) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.ReaderAt.ReadAt(p, off)
	if i := f.at - off; i >= 0 && i < int64(n) {
		p[i] ^= f.bit
	}
	return n, err
}
