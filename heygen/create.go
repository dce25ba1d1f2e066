package heygen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/google/uuid"
)

// Create is one paid request.
type Create struct {
	// TemplateID chooses the endpoint: empty for POST /v3/videos, else the
	// template's own.
	TemplateID string

	// Body is sent as JSON: an AvatarVideo, a TemplateVideo, or a map for the
	// kinds that heyq passes through.
	Body any

	// IdempotencyKey makes HeyGen answer a second send with the first one's
	// answer, for 24 h. Required.
	IdempotencyKey string

	// MaySend is asked right before the request is written; its error stops it.
	// nil: nothing stops it.
	MaySend func() error
}

// Created is HeyGen's receipt.
type Created struct {
	ID     string // the video's id
	Status Status // waiting, as a rule; of a replayed answer, the status of then
}

// createdData is what both endpoints answer: one calls the id video_id, the
// other one id.
type createdData struct {
	VideoID string `json:"video_id"`
	ID      string `json:"id"`
	Status  Status `json:"status"`
}

var idempotencyKey = regexp.MustCompile(`^[A-Za-z0-9_\-:.]{1,255}$`)

// Create sends one POST, once: no retry, no redirect, no replay by the transport. The
// package comment tells how to read its error; if it is nil the request was accepted for
// certain; if it wraps ErrNotSent or is an *Error with Refused() it was not accepted for
// certain. All else is unclear.
func (s *VideosService) Create(ctx context.Context, v Create) (Created, error) {
	path, err := v.path()
	if err != nil {
		return Created{}, fmt.Errorf("create: %w", err)
	}
	body, err := json.Marshal(v.Body)
	if err != nil {
		return Created{}, fmt.Errorf("create: %w: %w", ErrNotSent, err)
	}
	var a answer[createdData]
	what := call{name: "create", maySend: v.MaySend}
	err = s.client.createTimeout.Do(ctx, func(ctx context.Context) error {
		return s.client.send(ctx, what, http.MethodPost, path, body, v.IdempotencyKey, &a)
	})
	if err != nil {
		return Created{}, err
	}
	id := a.Data.VideoID
	if id == "" {
		id = a.Data.ID
	}
	if id == "" || s.client.clean(id) != id { // a database would refuse a NUL
		return Created{}, fmt.Errorf("create: %w: no video id", ErrUnreadable)
	}
	return Created{ID: id, Status: a.Data.Status}, nil
}

// MayCreate asks HeyGen whether the key may create videos. The request creates
// none, since its body lacks the type. If HeyGen refuses the request for that
// (400), MayCreate returns nil. Otherwise it returns the error of Create.
func (s *VideosService) MayCreate(ctx context.Context) error {
	_, err := s.Create(ctx, Create{Body: struct{}{}, IdempotencyKey: "may-create." + uuid.NewString()})
	if refusal, ok := errors.AsType[*Error](err); ok && refusal.Status == http.StatusBadRequest {
		return nil
	}
	return err
}

func (v Create) path() (string, error) {
	if !idempotencyKey.MatchString(v.IdempotencyKey) {
		return "", fmt.Errorf("%w: %q is no Idempotency-Key", ErrNotSent, v.IdempotencyKey)
	}
	if v.TemplateID == "" {
		return "/v3/videos", nil
	}
	return pathTo("/v3/templates", v.TemplateID)
}
