package callback

// Endpoint is an address that is registered with HeyGen, as an operator sees
// it: without its secret.
type Endpoint struct {
	ID      string
	URL     string
	Events  []string // empty: all
	Enabled bool     // HeyGen delivers there
	Known   bool     // heyq holds its secret, and so can verify what is delivered
}
