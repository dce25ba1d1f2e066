package jobs

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"heyq/store"
	"heyq/wire"
)

// NewVideo is a request for a video: the fields of wire.NewVideo, with the rules for
// them.
type NewVideo wire.NewVideo

// Render is what HeyGen is asked for.
type Render = wire.Render

// Prepare validates v and gives it an id. The error is a fault.Invalid that
// names every wrong field. A client's own rules are applied by its Prepare.
func (v NewVideo) Prepare() (store.NewVideo, error) { return v.prepare(NotifyRules{}) }

func (v NewVideo) prepare(rules NotifyRules) (store.NewVideo, error) {
	v.NotifyURL = cmp.Or(v.NotifyURL, rules.URL)
	if err := v.validate(rules); err != nil {
		return store.NewVideo{}, err
	}
	request, err := json.Marshal(v.Render)
	if err != nil {
		return store.NewVideo{}, fmt.Errorf("encode the request: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return store.NewVideo{}, fmt.Errorf("make an id: %w", err)
	}
	user := v.UserID
	if user == "" {
		user = store.DefaultUser
	}
	prepared := store.NewVideo{
		ID: id, UserID: user, Title: v.Title, Description: v.Description,
		Priority: int(v.Priority), NotBefore: v.NotBefore, Metadata: v.Metadata, NotifyURL: v.NotifyURL, Request: request,
	}
	if v.IdempotencyKey != "" {
		prepared.Key = v.IdempotencyKey
		prepared.Sum, err = contentOf(prepared)
	}
	return prepared, err
}

// contentOf is the sum of what a video is, and not of whom it tells: the default
// for that may change between two tries.
func contentOf(v store.NewVideo) ([sha256.Size]byte, error) {
	content, err := json.Marshal([]any{v.Title, v.Description, v.Priority, v.NotBefore.UTC(), v.Metadata, v.Request})
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("encode the content: %w", err)
	}
	return sha256.Sum256(content), nil
}

// ReadRender reads what Prepare wrote.
func ReadRender(request json.RawMessage) (Render, error) {
	var r Render
	if err := json.Unmarshal(request, &r); err != nil {
		return r, fmt.Errorf("read the request: %w", err)
	}
	return r, nil
}
