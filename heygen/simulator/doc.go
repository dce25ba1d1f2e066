// Package simulator is HeyGen's v3 API on this machine: an http.Handler that
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
// Each receiver that asked to hear of a render's end is told: the registered
// endpoints that were there when it ended, and the create's callback_url.
// schedule (delivery.go) hears of every record and asks the courier
// (courier.go), the one loop with a timer, to come back when the render ends;
// tell makes the event (events.go) and its deliveries. An event whose deliveries
// have all arrived, or were given up after 24 hours, is journalled as told; the
// others go on when the folder is opened again, so an event may come twice, as
// HeyGen's may. A render without a receiver costs no timer and no record.
//
// Looks (GET) derive everything from a render's two instants, created and
// ready (renders.go), so they need no timer and a reopened folder goes on by
// the wall clock. Files are signed links into files.go.
//
// Each stage is one function. What misbehaves on purpose stands between two of
// them, and costs an atomic load if nothing does:
//
//	decide    faults.go, draw.go     the rules, the header X-Sim-Fault, the seeded dice
//	create    create_faults.go       in front of once (never accepted), or behind it (the answer lost)
//	look      status_faults.go       an answer that lies once, lists that lag
//	render    fate.go                stuck or failed for good, in the record of the render
//	file      file_faults.go         between serveFile and the bytes
//	webhook   webhook_faults.go      between an event and its deliveries
//
// A fault that follows acceptance happens only if something was accepted: a
// refusal goes out as it is. A stuck render holds its slot until it is deleted;
// a failed one frees it when it would have been ready, and is not billed. The
// sticky faults on status are decided at acceptance, or at a look before the
// render's end, and survive a reopening. The rules themselves do not.
//
// An early webhook takes the place of the one at the end. What a webhook's
// fault makes wrong stays wrong in its retries; forged, unsigned and replayed
// are for endpoints, as a callback_url has no signature to be wrong. A replay
// comes beside the true event: the first delivery that the endpoint took since
// the start, with a timestamp of an hour ago. One out of order waits until
// another has overtaken it.
//
// A film that is not as promised (no_sound, silent, too_short, foreign, no_size) is
// whole, and its checksum is right: HeyGen itself made it so (films.go). One that
// is has the picture's size that was asked for, sound, and the duration that the
// API says.
//
// Without delay_ms a hang lasts until the client leaves, a list lags by 10 s, a
// file is late by 5 s, a webhook by 30 s, one out of order waits 5 s to be
// overtaken, and a slow or endless file has no end. A file that is cut
// without a Content-Length ends like a whole one: only its checksum tells.
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
//   - A failed render is not billed, which HeyGen says of one kind of account.
//   - The file host names the SHA-256 of each file, as an object store can; no
//     document says that HeyGen's does.
//   - A key's scopes are named after the resource and read or write; a call beyond
//     them is a 403 "forbidden" without a param. users/me wants account:read.
//   - The first retry of a webhook comes after 5 s, each later one after twice
//     the time. The payload of avatar_video.fail is the old API's: msg.
//   - Webhook endpoints may be plain http on a loopback address, so that a
//     test can listen without a certificate.
package simulator
