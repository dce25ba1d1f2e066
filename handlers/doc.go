// Package handlers says what is done when a task arrives: one file a kind, under
// the kind's name.
//
// A handler is a recipe for one video (or, for a poll, one question about a
// hundred of them). runner.go runs it, and is the same for all:
//
//	task → hold the pairs → for each, as the queue's limit allows:
//	Begin (fence, lease) → the recipe, with its one outside call → End → next task
//
// A recipe returns a store.End and never an error: the row is the retry, and
// outcome.go is the one place that decides what an error means for it. leases.go
// renews what runs; writes.go lets concurrent Begins and Ends share a commit;
// telemetry.go tells of it in spans, lines and counts.
//
// handlers knows the store, HeyGen, the media library and asynq's task. It
// constructs none of them, and knows nothing of HTTP.
package handlers
