package heygen

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// WebhooksService calls /v3/webhooks/endpoints.
type WebhooksService struct{ client *Client }

// Endpoint is an address that HeyGen tells of finished renders.
type Endpoint struct {
	ID     string   `json:"endpoint_id"`
	URL    string   `json:"url"`
	Events []string `json:"events"` // empty: all
	Status string   `json:"status"` // enabled, disabled
	Secret string   `json:"secret"` // signs the deliveries; in the answer to Create alone
}

// Create registers url (https) for the events, or for all if there are none. The
// answer's Secret is not shown again.
func (s *WebhooksService) Create(ctx context.Context, url string, events ...string) (Endpoint, error) {
	body, err := json.Marshal(struct {
		URL    string   `json:"url"`
		Events []string `json:"events,omitempty"`
	}{url, events})
	if err != nil {
		return Endpoint{}, fmt.Errorf("webhook create: %w: %w", ErrNotSent, err)
	}
	var a answer[Endpoint]
	what := call{name: "webhook_create"}
	err = s.client.timeout.Do(ctx, func(ctx context.Context) error {
		return s.client.send(ctx, what, http.MethodPost, "/v3/webhooks/endpoints", body, "", &a)
	})
	if err != nil {
		return Endpoint{}, err
	}
	return a.Data, nil
}

// List returns one page of endpoints. Limit is 1 to 100, 0 for HeyGen's default;
// token is Next of the page before.
func (s *WebhooksService) List(ctx context.Context, limit int, token string) (Page[Endpoint], error) {
	var a answer[[]Endpoint]
	if err := s.client.get(ctx, "webhooks", "/v3/webhooks/endpoints", query(limit, "token", token), &a); err != nil {
		return Page[Endpoint]{}, err
	}
	return pageOf("webhooks", a)
}

// Delete removes an endpoint; its secret is worth nothing from then on.
func (s *WebhooksService) Delete(ctx context.Context, id string) error {
	path, err := pathTo("/v3/webhooks/endpoints", id)
	if err != nil {
		return fmt.Errorf("webhook delete: %w", err)
	}
	return s.client.delete(ctx, "webhook_delete", path, &answer[struct{}]{})
}
