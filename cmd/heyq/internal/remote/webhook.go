package remote

import (
	"context"
	"net/http"
	"net/url"
)

// Webhook is an address where HeyGen delivers.
type Webhook struct {
	ID      string   `json:"id"`
	URL     string   `json:"url"`
	Events  []string `json:"events"`            // empty: all
	Enabled bool     `json:"enabled"`           // HeyGen delivers there
	Known   bool     `json:"known"`             // heyq can verify what is delivered
	Another string   `json:"another,omitempty"` // word of the other heyq that registered it
}

const webhooksPath = "/v1/webhooks/heygen"

// Webhooks lists what is registered with HeyGen.
func (c *Client) Webhooks(ctx context.Context) ([]Webhook, error) {
	var answer struct {
		Webhooks []Webhook `json:"webhooks"`
	}
	err := c.call(ctx, request{method: http.MethodGet, path: webhooksPath}, &answer)
	return answer.Webhooks, err
}

// RegisterWebhook has HeyGen deliver to address; empty: to the heyq's own.
func (c *Client) RegisterWebhook(ctx context.Context, address string) (Webhook, error) {
	r := request{method: http.MethodPost, path: webhooksPath}
	if address != "" {
		r.body = map[string]string{"url": address}
	}
	var w Webhook
	err := c.call(ctx, r, &w)
	return w, err
}

// DeleteWebhook ends the deliveries to one address.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	return c.call(ctx, request{method: http.MethodDelete, path: webhooksPath + "/" + url.PathEscape(id)}, nil)
}
