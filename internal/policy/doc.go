// Package policy says how heyq treats what it does not control: HeyGen, the
// hosts of its files, the receivers of webhooks, the media store.
//
// Each policy is a small decorator of a call, and knows nothing of what is
// called:
//
//	Breaker   stops calls to what is down, and lets one probe through after a while
//	Limiter   bounds the calls a second, over all processes
//	Bulkhead  bounds the calls in flight, in this process
//	Retry     calls again, with growing pauses
//	Timeout   ends a call that takes too long, with an error or another value
//
// A Set makes them, so that they share a configuration, a log and their metrics.
// They are composed where the call is made, in one place each: heygen/transport.go
// for HeyGen, media/policy.go for file hosts and the media store,
// internal/notify/breaker.go for receivers, handlers for the queues' bulkheads.
//
// What keeps a call from being made is a *Refusal, which says when to ask again.
// It is no failure: the caller that meets one waits, and counts no attempt.
package policy
