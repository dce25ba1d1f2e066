package logs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"heyq/internal/logkey"
)

// How often a warning or an error is told within a period, and how many different
// ones are told apart.
const (
	mostAlike = 10
	mostKinds = 256
	period    = time.Minute
)

// repeats counts warnings and errors by their message. What comes more than
// mostAlike times within a period becomes one line at its end. The outcome of a
// step is never left out: a user will look for that video.
type repeats struct {
	log zerolog.Logger

	mu   sync.Mutex
	seen map[string]*repeat // by message; "" is all beyond mostKinds
}

type repeat struct {
	level zerolog.Level
	lines int
	end   *time.Timer
}

func newRepeats(w zerolog.LevelWriter) *repeats {
	return &repeats{log: zerolog.New(w).With().Timestamp().Logger(), seen: map[string]*repeat{}}
}

// ofAStep is in each line that says what came of a step.
var ofAStep = []byte(`,"` + logkey.Outcome + `":`)

// pass reports whether a line is to be written.
func (r *repeats) pass(level zerolog.Level, line []byte) bool {
	if bytes.Contains(line, ofAStep) {
		return true
	}
	message := messageOf(line)
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.seen[string(message)]
	if k == nil {
		k = r.begin(level, string(message))
	}
	k.lines++
	k.level = max(k.level, level)
	return k.lines <= mostAlike
}

// begin begins a period of a message.
func (r *repeats) begin(level zerolog.Level, message string) *repeat {
	if len(r.seen) >= mostKinds {
		message = ""
		if k := r.seen[message]; k != nil {
			return k
		}
	}
	k := &repeat{level: level}
	k.end = time.AfterFunc(period, func() { r.over(message) })
	r.seen[message] = k
	return k
}

// over ends a period: what was left out is told.
func (r *repeats) over(message string) {
	r.mu.Lock()
	k := r.seen[message]
	delete(r.seen, message)
	r.mu.Unlock()
	if k == nil || k.lines <= mostAlike {
		return
	}
	more := k.lines - mostAlike
	if message == "" {
		message = "many different warnings and errors"
	}
	r.log.WithLevel(k.level).Int(logkey.Repeated, more).Msg(fmt.Sprintf("%s … %d more like this in the last minute", message, more))
}

// close ends all periods.
func (r *repeats) close() {
	r.mu.Lock()
	var open []string
	for message, k := range r.seen {
		k.end.Stop()
		open = append(open, message)
	}
	r.mu.Unlock()
	for _, message := range open {
		r.over(message)
	}
}

var messageKey = []byte(`"` + zerolog.MessageFieldName + `":`)

// messageOf returns the message of a line, without the quotes and escapes of
// JSON. zerolog writes the message last. A line that has none is returned
// whole.
func messageOf(line []byte) []byte {
	at := bytes.LastIndex(line, messageKey)
	if at < 0 {
		return line
	}
	text := bytes.TrimRight(line[at+len(messageKey):], "}\n")
	var message string
	if bytes.IndexByte(text, '\\') >= 0 && json.Unmarshal(text, &message) == nil {
		return []byte(message)
	}
	return bytes.Trim(text, `"`)
}
