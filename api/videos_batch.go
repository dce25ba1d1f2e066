package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
	"heyq/internal/text"
	"heyq/store"
	"heyq/wire"
)

func batchOp(middleware func(huma.Context, func(huma.Context))) huma.Operation {
	return huma.Operation{
		Middlewares: huma.Middlewares{middleware},
		OperationID: "create-videos",
		Tags:        []string{videosTag},
		Summary:     "Create up to 1,000 videos",
		Description: "Accepts a list of videos in one transaction: all of them, or none and a 422 that names every wrong field as `body.videos[i].field`.\n\n" +
			"With `?partial=true` the good ones are created, and the answer says what is wrong with each of the others, by its index.\n\n" +
			"A video with an `idempotency_key` of its own is made once in a week, in whatever batches it comes: " +
			"later its item is `existing`, with the first one's id. At most 100 wrong fields are told.\n\n" +
			"`Idempotency-Key` works as for one video. With `?dry_run=true` the list is only checked: " +
			"200 and an item for each video, with `valid` in place of `id` and `state`; nothing is created and no key is used up.",
		MaxBodyBytes: maxBatch,
		RequestBody: required(examples{
			"two": {Summary: "Two videos", Value: wire.Batch{Videos: []wire.NewVideo{
				{Title: "Hello Ada", Render: wire.Render{Script: "Hello Ada!", AvatarID: "avatar_1", VoiceID: "voice_1"}},
				{Title: "Hello Alan", Render: wire.Render{Script: "Hello Alan!", AvatarID: "avatar_2", VoiceID: "voice_2"}},
			}}},
		}),
		DefaultStatus: http.StatusAccepted,
		Responses: map[string]*huma.Response{
			"200": answers("What a creation would say (only with dry_run)", wire.BatchAnswer{Videos: []wire.BatchItem{{Index: 0, Valid: true}}}),
			"202": answers("Accepted", batchExample()),
		},
		Errors: []int{http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable},
	}
}

type batchInput struct {
	IdempotencyKey string `header:"Idempotency-Key" pattern:"^[ -~]{1,255}$" patternDescription:"1 to 255 printable ASCII characters" doc:"Makes the call safe to repeat for a day" example:"import-2030-12-31"`
	Partial        bool   `query:"partial" doc:"Create the good ones although others are wrong"`
	DryRun         bool   `query:"dry_run" doc:"Only check the list"`
	JSON           body[wire.Batch]
}

// batchRest is a batch without its list: only what is no list is left in it.
type batchRest struct {
	Videos []any `json:"videos,omitempty"`
}

// batchesAtOnce is how many batches are read at a time, and for how long another
// one waits: each may be 10 MB, and a few times that while it is checked.
const (
	batchesAtOnce = 2
	batchPatience = 20 * time.Second
)

// inTurn lets a batch in, body and all, once there is room for it.
func (s *server) inTurn(ctx huma.Context, next func(huma.Context)) {
	waiting, cancel := context.WithTimeout(ctx.Context(), batchPatience)
	defer cancel()
	if err := s.batches.Acquire(waiting, 1); err != nil {
		ctx.SetHeader("Retry-After", retryAfter)
		_ = huma.WriteErr(s.huma, ctx, http.StatusServiceUnavailable, "other batches are being read; send this one again in a moment")
		return
	}
	defer s.batches.Release(1)
	next(ctx)
}

func (s *server) createBatch(ctx context.Context, in *batchInput) (*reply, error) {
	good, items, wrong, err := s.readBatch(ctx, &in.JSON)
	if over := count(ctx, "videos", max(1, len(items))); over != nil {
		return nil, over
	}
	if err != nil {
		return nil, err
	}
	if len(wrong.Fields) > 0 && !in.Partial {
		return nil, wrong
	}
	if in.DryRun {
		for i := range items {
			items[i].ID, items[i].Valid = "", items[i].Error == nil
		}
		return newReply(http.StatusOK, "", wire.BatchAnswer{Videos: items})
	}
	if len(good) == 0 {
		return newReply(http.StatusAccepted, "", wire.BatchAnswer{Videos: items})
	}
	once := onceOf(ctx, in.IdempotencyKey, fmt.Sprintf("batch partial=%t", in.Partial), in.JSON.data)
	return s.accept(ctx, good, once, func(rows []store.Video) (*reply, error) {
		fillIn(items, good, rows)
		return newReply(http.StatusAccepted, "", wire.BatchAnswer{Videos: items})
	})
}

// readBatch checks every video by itself, one after the other, so that no more
// than one of them is taken apart at a time. It returns the good videos, an item
// each (with the id that it will have, or its error), and all errors as one.
func (s *server) readBatch(ctx context.Context, b *body[wire.Batch]) (good []store.NewVideo, items []wire.BatchItem, wrong *fault.Error, err error) {
	if b.err != nil {
		return nil, nil, nil, b.err
	}
	wrong = fault.New(fault.Invalid, "some videos are not valid; nothing was created").
		WithAdvice(fault.AllowPartial, "")
	rest, err := text.Items(theBody, b.data, "videos", wire.MaxBatch, func(i int, element []byte) error {
		if len(element) > maxBody {
			return fault.New(fault.TooLarge, "videos[%d] is larger than %d bytes", i, maxBody).WithHint("give up to 1 MB for one video")
		}
		item := wire.BatchItem{Index: i}
		video, err := s.prepare(ctx, element)
		if err != nil {
			wrong.AddFields(fmt.Sprintf("videos[%d].", i), err)
			item.Error = itemError(err)
		} else {
			item.ID = video.ID.String()
			good = append(good, video)
		}
		items = append(items, item)
		return nil
	})
	if err != nil {
		return nil, nil, nil, err
	}
	_, err = decode[batchRest](s.rest, rest)
	if err == nil && len(items) == 0 {
		err = fault.New(fault.Invalid, "the batch is empty").
			WithField("videos", nil, "holds no video; give 1 to %d", wire.MaxBatch)
	}
	return good, items, wrong, err
}

// itemFields is how many wrong fields of one item are told.
const itemFields = 10

func itemError(err error) *wire.ItemError {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || len(f.Fields) == 0 {
		return &wire.ItemError{Code: fault.CodeOf(err), Message: "cannot be read as a video", Fields: []fault.Field{}}
	}
	fields := f.Fields[:min(len(f.Fields), itemFields)]
	messages := make([]string, len(fields))
	for i, field := range fields {
		messages[i] = strings.TrimPrefix(field.Name+": ", ": ") + field.Message
	}
	if more := len(f.Fields) - len(fields) + f.More; more > 0 {
		messages = append(messages, fmt.Sprintf("and %d more", more))
	}
	return &wire.ItemError{Code: f.Code, Message: strings.Join(messages, "; "), Field: f.Fields[0].Name, Fields: fields}
}

// fillIn gives the items what became of them: the rows are those of the good
// videos, in their order.
func fillIn(items []wire.BatchItem, good []store.NewVideo, rows []store.Video) {
	n := 0
	for i := range items {
		if items[i].Error == nil {
			items[i].ID, items[i].State, items[i].Existing = rows[n].ID.String(), rows[n].State, rows[n].ID != good[n].ID
			n++
		}
	}
}

func batchExample() wire.BatchAnswer {
	return wire.BatchAnswer{Videos: []wire.BatchItem{
		{Index: 0, ID: exampleID.String(), State: store.Queued},
		{Index: 1, Error: &wire.ItemError{Code: fault.Invalid, Message: "avatar_id: is missing; script needs it", Field: "avatar_id", Fields: []fault.Field{
			{Name: "avatar_id", Value: "", Message: "is missing; script needs it"},
		}}},
	}}
}
