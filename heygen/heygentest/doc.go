// Package heygentest is HeyGen's v3 API on this machine: an http.Handler that
// takes videos, renders them by the clock, hands out real files and keeps a
// ledger of what a customer would have paid for.
//
// It knows HeyGen's documents and nothing of heyq. In particular it never
// imports the client, or the two could share a mistake and agree on it.
//
// # How a request flows
//
//	routes    simulator.go     every endpoint, its short name and its handler
//	receive   auth.go          the key, the call counter
//	once      idempotency.go   replay, 409 in flight, or a claim on the key
//	read      create.go, …     the body against its shape (validate.go), no effect yet
//	commit    state.go         one record: checked against the cap, journalled, applied
//	send      answer.go        the bytes; a replay sends the same ones
//
// Looks (GET) derive everything from a render's two instants, created and
// ready (renders.go), so there is no timer and a reopened folder goes on by
// the wall clock. Files are signed links into files.go.
//
// Each stage is one function. Something that misbehaves on purpose goes
// between two of them: before commit (never accepted), between commit and send
// (accepted, the answer lost), in render.status (a look that lies), in
// serveFile (a bad file).
//
// # Where HeyGen's documents are silent
//
//   - Every definite refusal (4xx) is kept under its Idempotency-Key and
//     replayed for 24 hours, except 401, 409 and 429. HeyGen does not say
//     whether it does so; a client that is right here is right either way.
//   - A body is validated before the concurrency cap is looked at, and a kept
//     key is replayed even at the cap.
//   - Unknown fields are refused at every depth, not only at the top.
//   - Catalogue avatars 1 to 3 are filmed, 4 and 5 are photos, none supports
//     matting: webm and (for filmed ones) remove_background are refused.
//   - Webhook endpoints may be plain http on a loopback address, so that a
//     test can listen without a certificate.
package heygentest
