// Package heygen is the client of HeyGen's video API, version 3.
//
// A Client carries one service a resource: Videos, Users,
// Webhooks. Each method is one call: it builds a path, sends it through
// the stack of RoundTrippers in transport.go and reads the answer's envelope.
// Whatever is not a good answer becomes an error of one of four sorts, and
// callers need to tell just these apart:
//
//   - errors.Is(err, ErrNotSent): no byte left this process.
//   - *Error with Refused() true: HeyGen said no, and nothing was created.
//   - *Error otherwise: HeyGen said "not now" (429, 5xx), said yes and no at once
//     (200 with an error inside), or something before it answered in its place (a
//     4xx that is Foreign). A create may have happened.
//   - anything else: no answer, half an answer, or one that cannot be read.
//     A create may have happened.
//
// Reads are retried a few times, briefly. A create is sent exactly once: a
// caller that sends it again does so with the same Idempotency-Key, knowing that it
// is the second time.
//
// heygen knows nothing of rows, queues or files, never logs, and never puts the
// API key into an error.
package heygen
