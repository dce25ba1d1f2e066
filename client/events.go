package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strings"
	"time"

	"heyq/internal/fault"
	"heyq/wire"
)

const (
	// silence is for how long a stream may say nothing: a heyq says something every 15 s.
	silence = 45 * time.Second
	// firstPause is what a reader waits before it connects again, and longestPause what it
	// waits at most if that fails again and again.
	firstPause   = 500 * time.Millisecond
	longestPause = 30 * time.Second
	maxEvent     = 1 << 20
)

// Events tells the state of a video, at once and whenever it changes, until ctx ends or the
// caller stops. An event without news of the state says how far the video is. It connects
// again by itself, and goes on where it was. An error that is unavailable says that it could
// not, and that it will try again if the caller goes on; after any other error the events are
// over. An event may come twice; one whose Missed is set may follow others that were not told.
func (s *Videos) Events(ctx context.Context, id string) iter.Seq2[wire.VideoEvent, error] {
	return s.c.events(ctx, get(at("/v1/videos/{}/events", id)))
}

// AllEvents tells whatever becomes of the videos that the caller sees, from now on, as
// Events does of one.
func (s *Videos) AllEvents(ctx context.Context) iter.Seq2[wire.VideoEvent, error] {
	return s.c.events(ctx, get("/v1/events"))
}

func (c *Client) events(ctx context.Context, r request) iter.Seq2[wire.VideoEvent, error] {
	return func(yield func(wire.VideoEvent, error) bool) {
		last, pause := "", firstPause
		for ctx.Err() == nil {
			stream := &eventReader{last: last}
			err := c.listen(ctx, r, stream, func(e wire.VideoEvent) bool { return yield(e, nil) })
			if last = stream.last; errors.Is(err, errStopped) {
				return
			}
			if stream.heard {
				pause = firstPause
			} else if err != nil && ctx.Err() == nil && (!yield(wire.VideoEvent{}, err) || fault.CodeOf(err) != fault.Unavailable) {
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			pause = min(2*pause, longestPause)
		}
		yield(wire.VideoEvent{}, ctx.Err())
	}
}

// errStopped says that the caller wants no more.
var errStopped = errors.New("the caller has stopped")

// listen reads one stream to its end.
func (c *Client) listen(ctx context.Context, r request, stream *eventReader, yield func(wire.VideoEvent) bool) error {
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	r.last, r.accept = stream.last, "text/event-stream, application/problem+json"
	r.stream, r.once = true, true // events comes back by itself
	answer, err := c.open(within, r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	quiet := time.AfterFunc(silence, cancel) // a connection that is dead says nothing of it
	defer quiet.Stop()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, maxEvent)
	for lines.Scan() {
		quiet.Reset(silence)
		event, err := stream.line(lines.Text())
		if err != nil {
			return c.garbled(err, r, answer)
		}
		if event != nil && !yield(*event) {
			return errStopped
		}
	}
	if lines.Err() == nil {
		return c.unreachable(ctx, io.EOF)
	}
	return c.unreachable(ctx, lines.Err())
}

// eventReader puts events together from the lines of a stream.
type eventReader struct {
	last  string // id of the last event that was handed out
	heard bool   // an event, or that the stream lives

	id, sort, data string
}

// line takes one line. It returns an event if that is complete.
func (e *eventReader) line(line string) (*wire.VideoEvent, error) {
	field, value, _ := strings.Cut(line, ":")
	value = strings.TrimPrefix(value, " ")
	switch {
	case line == "":
		return e.complete()
	case field == "id":
		e.id = value
	case field == "event":
		e.sort = value
	case field == "data":
		e.data += value
	}
	e.heard = true
	return nil, nil
}

func (e *eventReader) complete() (event *wire.VideoEvent, err error) {
	switch e.sort {
	case "video", "progress":
		event = &wire.VideoEvent{}
		err = json.Unmarshal([]byte(e.data), event)
	case "missed":
		event = &wire.VideoEvent{Missed: true}
	}
	if e.id != "" {
		e.last = e.id
	}
	if event != nil {
		event.EventID = e.last
	}
	e.id, e.sort, e.data = "", "", ""
	return event, err
}
