package notify

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// How much of an answer is read, in bytes, and how much of that is kept, in
// characters.
const (
	mostRead = 64 << 10
	mostKept = 500
)

// Answer is what came of a post.
type Answer struct {
	Status     int           // of the last response; 0: there was none
	RetryAfter time.Duration // what its header asks for; 0: nothing
	Text       string        // the beginning of its body, if it is not a 2xx
	Err        error         // why the message was not delivered; nil: it was
}

// read makes an Answer of a response.
func read(r *http.Response, now time.Time) Answer {
	// An end that comes too late or too early takes nothing from the status.
	body, _ := io.ReadAll(io.LimitReader(r.Body, mostRead))
	a := Answer{Status: r.StatusCode}
	if r.StatusCode/100 == 2 {
		return a
	}
	a.RetryAfter = retryAfter(r.Header.Get("Retry-After"), now)
	a.Text = printable(body)
	a.Err = fmt.Errorf("it answered %d %s", r.StatusCode, http.StatusText(r.StatusCode))
	if r.StatusCode/100 == 3 {
		a.Err = fmt.Errorf("%w: only 307 and 308 keep a POST, and %d of them are followed", a.Err, maxRedirects)
	}
	return a
}

// retryAfter reads a Retry-After header, which holds seconds or a date. Any
// other value is 0.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// printable is the beginning of a body as a database and a terminal take it.
func printable(body []byte) string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, string(body))
	if characters := []rune(text); len(characters) > mostKept {
		text = string(characters[:mostKept])
	}
	return strings.TrimSpace(text)
}
