package wire

// Webhook is an address that is registered with HeyGen.
type Webhook struct {
	ID      string   `json:"id" doc:"HeyGen's id"`
	URL     string   `json:"url"`
	Events  []string `json:"events" doc:"Empty: all"`
	Enabled bool     `json:"enabled" doc:"HeyGen delivers there"`
	Known   bool     `json:"known" doc:"heyq holds its secret, and so can verify what is delivered"`
	Another string   `json:"another,omitempty" doc:"The other installation that registered it, by the word in its titles"`
}

// WebhookList is what HeyGen has.
type WebhookList struct {
	Webhooks []Webhook `json:"webhooks"`
}

// RegisterRequest is the optional body of a registration.
type RegisterRequest struct {
	URL string `json:"url,omitempty" doc:"Where HeyGen is to deliver; https"`
}
