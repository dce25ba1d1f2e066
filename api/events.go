package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/live"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

const (
	lastEventID = "Last-Event-ID"

	heartbeat = 15 * time.Second // after so long a reader hears something, and after the double it is asked anew who it is
	writeTime = 20 * time.Second // which one event may take
	comeAgain = 2 * time.Second  // after so long a browser connects again

	mostPresent = 100 // videos whose present state is told to who missed something
)

// The sorts of events.
const (
	videoEvent    = "video"    // a video came to a state
	progressEvent = "progress" // only its outlook is new
	missedEvent   = "missed"   // what happened before may not have been told
	endEvent      = "end"      // the stream ends
)

const eventsInWords = "Server-Sent Events (`text/event-stream`), each with a JSON object as its data:\n\n" +
	"- `video`: a video came to a state. Its `id` is where to go on: a reader that connects again, to whatever process, " +
	"sends the last one as `Last-Event-ID`, as browsers do, and hears what it has not heard. An event may come twice.\n" +
	"- `progress`: nothing new but how far the video is, and when it will be completed.\n" +
	"- `missed`: the stream no longer has all that happened since that `Last-Event-ID`. What follows is the present state.\n" +
	"- `end`: the stream ends, for a `reason`: `slow` (you read too slowly), `lost` (events were lost), `stopped` (this process stops), `access` (you may not read it any more). Connect again, with `Last-Event-ID`.\n\n" +
	"Every 15 seconds a comment shows that the stream lives. "

func (s *server) videoEventsOp() huma.Operation {
	return huma.Operation{
		OperationID: "video-events",
		Tags:        []string{videosTag},
		Summary:     "Follow a video",
		Description: "The state of a video, at once and whenever it changes. The stream goes on when the video has ended, since it may be tried again. " + eventsInWords,
		Responses:   map[string]*huma.Response{"200": s.eventStream()},
		Errors:      []int{http.StatusBadRequest, http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

func (s *server) eventsOp() huma.Operation {
	return huma.Operation{
		OperationID: "events",
		Tags:        []string{videosTag},
		Summary:     "Follow all videos",
		Description: "Whatever becomes of your videos, or of all if you see those of all users, from now on: to miss nothing, list them once the stream is open. Videos of others that are shared with you are not told of here, although the list has them: ask for these again and again. " + eventsInWords,
		Responses:   map[string]*huma.Response{"200": s.eventStream()},
		Errors:      []int{http.StatusBadRequest, http.StatusServiceUnavailable},
	}
}

// eventStream documents the answer as a list of what an event consists of.
func (s *server) eventStream() *huma.Response {
	text := &huma.Schema{Type: huma.TypeString}
	data := func(name string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{name: text}}
	}
	one := func(sort string, data *huma.Schema) *huma.Schema {
		return &huma.Schema{
			Type: huma.TypeObject, Required: []string{"event", "data"},
			Properties: map[string]*huma.Schema{"event": {Type: huma.TypeString, Enum: []any{sort}}, "id": text, "data": data},
		}
	}
	video := s.schemas().Schema(reflect.TypeFor[wire.VideoEvent](), true, "")
	return &huma.Response{Description: "The events, without an end", Content: map[string]*huma.MediaType{eventStreamType: {Schema: &huma.Schema{
		Type: huma.TypeArray, Description: "Each item is one event.",
		Items: &huma.Schema{OneOf: []*huma.Schema{
			one(videoEvent, video), one(progressEvent, video), one(missedEvent, data("message")), one(endEvent, data("reason")),
		}},
	}}}}
}

const eventStreamType = "text/event-stream"

type eventsInput struct {
	LastEventID string `header:"Last-Event-ID" doc:"The id of the last event that you heard; without one the stream begins now" example:"1924938000000-0"`
}

type videoEventsInput struct {
	ID          string `path:"id" doc:"The video's id, a UUID"`
	LastEventID string `header:"Last-Event-ID" doc:"The id of the last event that you heard; without one the present state comes first" example:"1924938000000-0"`
}

// lastHeard reads where the reader goes on; nil: it begins.
func lastHeard(last string) (*live.Place, error) {
	if last == "" {
		return nil, nil
	}
	p, ok := live.ParsePlace(last)
	if !ok {
		return nil, fault.New(fault.Malformed, "the request is not valid").
			WithField(lastEventID, last, "is the id of no event; give that of the last one that you heard, or leave it out")
	}
	return &p, nil
}

func (s *server) videoEvents(ctx context.Context, in *videoEventsInput) (*fileOutput, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	stream, err := s.openStream(ctx, id, in.LastEventID)
	if err != nil {
		return nil, err
	}
	v, err := s.store.Video(ctx, viewerOf(ctx), id) // once the stream is open, so that it misses nothing
	if err != nil {
		stream.Close()
		return nil, err
	}
	present := live.Present(v)
	return s.stream(stream, func(w *eventWriter) {
		w.present = &present
		if in.LastEventID == "" || stream.Missed {
			w.told = present.Number
			w.video(present, stream.After)
		}
	}), nil
}

func (s *server) events(ctx context.Context, in *eventsInput) (*fileOutput, error) {
	stream, err := s.openStream(ctx, uuid.Nil, in.LastEventID)
	if err != nil {
		return nil, err
	}
	var present []store.Video
	if stream.Missed {
		if present, _, err = s.store.Videos(ctx, viewerOf(ctx), store.Filter{}, store.Page{Number: 1, Size: mostPresent}); err != nil {
			stream.Close()
			return nil, err
		}
	}
	return s.stream(stream, func(w *eventWriter) {
		for _, v := range present {
			w.video(live.Present(v), stream.After)
		}
	}), nil
}

// openStream opens a stream of what the caller sees.
func (s *server) openStream(ctx context.Context, video uuid.UUID, heard string) (*live.Stream, error) {
	last, err := lastHeard(heard)
	if err != nil {
		return nil, err
	}
	if s.live == nil {
		return nil, fault.New(fault.Unavailable, "this heyq tells nothing live").WithHint("read the video again and again instead")
	}
	return s.live.Open(ctx, viewerOf(ctx), video, last)
}

// stream answers with events until the reader leaves, or may not read any more, or the
// stream ends. begin writes what is to be told at once.
func (s *server) stream(stream *live.Stream, begin func(*eventWriter)) *fileOutput {
	return &fileOutput{func(hc huma.Context) {
		defer stream.Close()
		r, w := humago.Unwrap(hc)
		if !s.apart(r) {
			w.Header().Set("Retry-After", retryAfter)
			writeProblem(w, newProblem(http.StatusServiceUnavailable, "this process has no place for another stream of events", "read the video again and again instead, or try again in a moment"))
			return
		}
		h := w.Header()
		h.Set("Content-Type", eventStreamType)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no") // nginx hands on what it gets
		h.Set("Connection", "close")     // its place is not that of other requests
		if r.Method == http.MethodHead {
			return
		}
		out := &eventWriter{feed: s.live, w: w, told: -1, control: http.NewResponseController(w)}
		_ = out.control.SetReadDeadline(time.Time{}) // nothing more is to be read
		out.write("retry: %d\nid: %s\n\n", comeAgain.Milliseconds(), stream.After)
		if stream.Missed {
			out.write("event: %s\ndata: {\"message\":\"what happened since your last event may not be told in full; what follows is the present state\"}\n\n", missedEvent)
		}
		for _, e := range stream.Replay {
			out.event(e)
		}
		begin(out)
		out.flush()
		s.follow(r.Context(), stream, out)
	}}
}

// follow writes what comes.
func (s *server) follow(ctx context.Context, stream *live.Stream, out *eventWriter) {
	beat := time.NewTicker(s.beat)
	defer beat.Stop()
	for beats := 0; out.err == nil; {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-stream.Events():
			if !ok {
				out.end(string(stream.Why()))
				return
			}
			out.event(e)
		case <-beat.C:
			if beats++; beats%2 == 0 && !s.mayStill(ctx) {
				out.end("access")
				return
			}
			out.beat(stream.Place())
		}
		out.flush()
	}
}

// mayStill reports whether the reader may still see what it could see at first. If that
// cannot be told now, it may.
func (s *server) mayStill(ctx context.Context) bool {
	now, err := s.again(ctx)
	return err != nil || now.May(people.ReadVideos) && now.Viewer() == viewerOf(ctx)
}

// eventWriter writes events. Once a write has failed it writes no more.
type eventWriter struct {
	feed    *live.Feed
	w       io.Writer
	control *http.ResponseController
	present *live.Event // of the one video that is followed; nil: it is not one
	told    int         // number of the last state that was told of it
	err     error
}

func (o *eventWriter) write(format string, args ...any) {
	if o.err != nil {
		return
	}
	_ = o.control.SetWriteDeadline(time.Now().Add(writeTime)) // without one there is none to move
	_, o.err = fmt.Fprintf(o.w, format, args...)
}

func (o *eventWriter) flush() {
	if o.err == nil {
		o.err = o.control.Flush()
	}
}

// event writes an event that came, unless the reader has heard of a later one.
func (o *eventWriter) event(e *live.Event) {
	if o.present != nil {
		if e.Number <= o.told {
			return
		}
		o.present, o.told = e, e.Number
	}
	o.write("event: %s\nid: %s\ndata: %s\n\n", videoEvent, e.Place, o.feed.JSON(*e))
}

// video writes the present state of a video.
func (o *eventWriter) video(e live.Event, at live.Place) {
	o.write("event: %s\nid: %s\ndata: %s\n\n", videoEvent, at, o.feed.JSON(e))
}

// beat shows that the stream lives, and how far a video is.
func (o *eventWriter) beat(last live.Place) {
	if o.present == nil || o.present.State.Final() {
		o.write(": still here\nid: %s\n\n", last)
		return
	}
	now, _ := json.Marshal(o.feed.Show(*o.present)) // none of its types can fail
	o.write("event: %s\nid: %s\ndata: %s\n\n", progressEvent, last, now)
}

func (o *eventWriter) end(reason string) {
	o.write("event: %s\ndata: {\"reason\":%q}\n\n", endEvent, strings.ToLower(reason))
	o.flush()
}
