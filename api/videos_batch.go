package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/store"
)

func batchOp() huma.Operation {
	return huma.Operation{
		OperationID: "create-videos",
		Tags:        []string{videosTag},
		Summary:     "Create up to 1,000 videos",
		Description: "Accepts a list of videos in one transaction: all of them, or none and a 422 that names every wrong field as `body.videos[i].field`.\n\n" +
			"With `?partial=true` the good ones are created, and the answer says what is wrong with each of the others, by its index.\n\n" +
			"`Idempotency-Key` works as for one video. With `?dry_run=true` the list is only checked: " +
			"200 and an item for each video, with `valid` in place of `id` and `state`; nothing is created and no key is used up.",
		MaxBodyBytes:  maxBatch,
		RequestBody:   bodyOf[Batch](true, batchExamples()),
		DefaultStatus: http.StatusAccepted,
		Responses: map[string]*huma.Response{
			"200": answerOf("What a creation would say (only with dry_run)", BatchAnswer{[]BatchItem{{Index: 0, Valid: true}}}),
			"202": answerOf("Accepted", batchExample()),
		},
		Errors: []int{http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable},
	}
}

type batchInput struct {
	IdempotencyKey string `header:"Idempotency-Key" pattern:"^[ -~]{1,255}$" patternDescription:"1 to 255 printable ASCII characters" doc:"Makes the call safe to repeat for a day" example:"import-2030-12-31"`
	Partial        bool   `query:"partial" doc:"Create the good ones although others are wrong"`
	DryRun         bool   `query:"dry_run" doc:"Only check the list"`
	JSON           payload
}

// Batch is a list of videos to create.
type Batch struct {
	Videos []jobs.NewVideo `json:"videos" minItems:"1" maxItems:"1000" nullable:"false"`
}

// batchBody is a Batch whose items are checked one by one.
type batchBody struct {
	Videos []any `json:"videos,omitempty"`
}

// BatchAnswer says what became of each video of a batch, in its order.
type BatchAnswer struct {
	Videos []BatchItem `json:"videos" nullable:"false"`
}

// BatchItem is one of them: created (ID and State), good (Valid, in a dry run)
// or wrong (Error).
type BatchItem struct {
	Index int         `json:"index" example:"0"`
	ID    *uuid.UUID  `json:"id,omitempty" format:"uuid"`
	State store.State `json:"state,omitempty" example:"queued"`
	Valid bool        `json:"valid,omitempty" doc:"Only in a dry run"`
	Error *ItemError  `json:"error,omitempty" doc:"Only with partial"`
}

// ItemError is what is wrong with one video of a partial batch.
type ItemError struct {
	Code    fault.Code `json:"code" example:"invalid"`
	Message string     `json:"message" example:"script: is blank; give 1 to 5,000 characters"`
	Field   string     `json:"field" example:"script" doc:"The first wrong field; the message names them all"`
}

func (s *server) createBatch(ctx context.Context, in *batchInput) (*reply, error) {
	list, err := s.batchItems(&in.JSON)
	if err != nil {
		return nil, err
	}
	good, items, wrong := s.prepareAll(list)
	if len(wrong.Fields) > 0 && !in.Partial {
		return nil, wrong
	}
	if in.DryRun {
		for i := range items {
			items[i].ID, items[i].Valid = nil, items[i].Error == nil
		}
		return newReply(http.StatusOK, "", BatchAnswer{items})
	}
	if len(good) == 0 {
		return newReply(http.StatusAccepted, "", BatchAnswer{items})
	}
	once := onceOf(in.IdempotencyKey, fmt.Sprintf("batch partial=%t", in.Partial), in.JSON.data)
	return s.accept(ctx, good, once, func(rows []store.Video) (*reply, error) {
		fillIn(items, rows)
		return newReply(http.StatusAccepted, "", BatchAnswer{items})
	})
}

// batchItems returns the videos of a batch, not yet checked.
func (s *server) batchItems(p *payload) ([]any, error) {
	parsed, err := p.parse()
	if err != nil {
		return nil, err
	}
	var body batchBody
	if err := s.batch.decode(parsed, &body); err != nil {
		return nil, err
	}
	switch n := len(body.Videos); {
	case n == 0:
		return nil, fault.New(fault.Invalid, "the batch is empty").
			WithField("videos", nil, "holds no video; give 1 to %d", jobs.MaxBatch)
	case n > jobs.MaxBatch:
		return nil, fault.New(fault.TooLarge, "the batch has %d videos", n).
			WithHint("give at most %d at a time", jobs.MaxBatch)
	}
	return body.Videos, nil
}

// prepareAll checks every item by itself. It returns the good videos, an item
// each (with the id that it will have, or its error), and all errors as one.
func (s *server) prepareAll(list []any) (good []store.NewVideo, items []BatchItem, wrong *fault.Error) {
	wrong = fault.New(fault.Invalid, "some videos are not valid; nothing was created").
		WithHint("correct them, or add ?partial=true to create the others")
	items = make([]BatchItem, len(list))
	for i, parsed := range list {
		items[i].Index = i
		video, err := s.prepare(parsed)
		if err != nil {
			wrong.AddFields(fmt.Sprintf("videos[%d].", i), err)
			items[i].Error = itemError(err)
			continue
		}
		items[i].ID = &video.ID
		good = append(good, video)
	}
	return good, items, wrong
}

func itemError(err error) *ItemError {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || len(f.Fields) == 0 {
		return &ItemError{Code: fault.CodeOf(err), Message: "cannot be read as a video"}
	}
	messages := make([]string, len(f.Fields))
	for i, field := range f.Fields {
		messages[i] = strings.TrimPrefix(field.Name+": ", ": ") + field.Message
	}
	return &ItemError{Code: f.Code, Message: strings.Join(messages, "; "), Field: f.Fields[0].Name}
}

// fillIn gives the items the states of their rows, in whatever order those are.
func fillIn(items []BatchItem, rows []store.Video) {
	states := make(map[uuid.UUID]store.State, len(rows))
	for _, row := range rows {
		states[row.ID] = row.State
	}
	for i := range items {
		if items[i].ID != nil {
			items[i].State = states[*items[i].ID]
		}
	}
}
