package client

import (
	"context"

	"heyq/wire"
)

// Webhooks are the addresses where HeyGen delivers.
type Webhooks service

// List lists what is registered with HeyGen.
func (s *Webhooks) List(ctx context.Context) ([]wire.Webhook, error) {
	answer, err := call[wire.WebhookList](ctx, s.c, get("/v1/webhooks/heygen"))
	return answer.Webhooks, err
}

// Register has HeyGen deliver to an address; without one, to the heyq's own.
func (s *Webhooks) Register(ctx context.Context, r wire.RegisterRequest) (wire.Webhook, error) {
	return call[wire.Webhook](ctx, s.c, post("/v1/webhooks/heygen", r))
}

// Delete ends the deliveries to one address.
func (s *Webhooks) Delete(ctx context.Context, id string) error {
	return s.c.remove(ctx, at("/v1/webhooks/heygen/{}", id), nil)
}
