package app

import (
	"context"

	"heyq/operate/endpoint"
)

// newEndpoints keeps this heyq registered with HeyGen.
func (a *App) newEndpoints() *endpoint.Registry {
	return endpoint.New(endpoint.Options{
		HeyGen: a.heygen.Webhooks,
		Store:  a.store,
		URL:    a.links.Endpoint(),
		ByHand: a.config.HeyGen.WebhookSecret.IsSet(),
		Log:    a.log,
	})
}

// webhookSecrets are those of the endpoints that heyq registered with HeyGen,
// and of one that the operator registered by hand.
func (a *App) webhookSecrets(ctx context.Context) ([]string, error) {
	endpoints, err := a.store.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	secrets := []string{a.config.HeyGen.WebhookSecret.Reveal()}
	for _, e := range endpoints {
		secrets = append(secrets, e.Secret)
	}
	return secrets, nil
}
