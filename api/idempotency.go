package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"heyq/store"
)

const idempotencyKey = "Idempotency-Key"

// reply is an answer as it goes over the wire. Under an Idempotency-Key it is
// remembered whole, so that the key gives the very same bytes again.
type reply struct {
	Status      int    `json:"status"`
	Location    string `json:"location" header:"Location" hidden:"true"`
	ContentType string `json:"content_type" header:"Content-Type" hidden:"true"`
	Body        []byte `json:"body"`
}

// newReply encodes body as huma would.
func newReply(status int, location string, body any) (*reply, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return &reply{status, location, "application/json", append(encoded, '\n')}, nil
}

// accept creates the videos, under the key if there is one, and answers with
// what build makes of the rows. The error of a key that came with another
// request is a fault.Conflict.
func (s *server) accept(
	ctx context.Context, videos []store.NewVideo, once *store.Once, build func([]store.Video) (*reply, error),
) (*reply, error) {
	if once == nil {
		created, err := s.client.Create(ctx, store.Creation{Videos: videos})
		if err != nil {
			return nil, err
		}
		return build(created.Videos)
	}
	once.Answer = func(rows []store.Video) ([]byte, error) {
		r, err := build(rows)
		if err != nil {
			return nil, err
		}
		return json.Marshal(r)
	}
	created, err := s.client.Create(ctx, store.Creation{Videos: videos, Once: once})
	if err != nil {
		return nil, err
	}
	var first reply
	if err := json.Unmarshal(created.Answer, &first); err != nil {
		return nil, fmt.Errorf("read the first answer: %w", err)
	}
	return &first, nil
}

// onceOf ties a request to its key; nil without one. Two requests are the same
// if call (the operation, with the parameters that change what it does) and
// body are, byte for byte.
func onceOf(ctx context.Context, key, call string, body []byte) *store.Once {
	if key == "" {
		return nil
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", call)
	h.Write(body)
	once := &store.Once{UserID: callerOf(ctx).User, Key: key}
	h.Sum(once.Sum[:0])
	return once
}
