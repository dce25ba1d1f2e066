// Package policy says how heyq treats what it does not control: HeyGen, the
// hosts of its files, the receivers of webhooks, the media store.
//
// A Breaker stops calls to what is down, and lets one probe through after a
// while. A Set makes them, so that they share a configuration, a log and their
// metrics; heygen/transport.go puts HeyGen's into the stack of its calls.
//
// What keeps a call from being made is a *Refusal, which says when to ask again.
// It is nobody's failure: whoever meets one waits, and counts no attempt.
package policy
