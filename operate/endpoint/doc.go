// Package endpoint keeps heyq registered with HeyGen, so that heyq is told when a
// render ends. It speaks with HeyGen about endpoints, which are addresses for
// webhooks. What arrives there is read by internal/heygenhook.
//
// HeyGen shows an endpoint's secret once, in the answer that registers it; the
// store keeps it for every process that verifies deliveries. What HeyGen lists
// and what the store holds can come apart (a crash between the two, a database
// that was replaced), so Register compares them first: an endpoint whose secret
// heyq does not hold is worth nothing and is replaced. One process at a time
// does so.
//
//	HeyGen's list ─┐
//	               ├─ Register → one endpoint that works
//	the store ─────┘
package endpoint
