package storetest

import (
	"time"

	"heyq/store"
)

func notFound(r store.Run) store.End { return store.NotFound(r, false) }
func resubmit(r store.Run) store.End { return store.NotFound(r, true) }
func several(r store.Run) store.End  { return store.Ambiguous(r, "HeyGen lists two videos") }
func notYet(r store.Run) store.End   { return store.NotFoundYet(r, time.Minute) }

var lookAgainRefused = lookAgain.refusedAs(refusal.Code).with(func(o *outcome) { o.Attempt = 1 })

// lookEnds are what a look for an earlier send's video can find.
var lookEnds = []end{
	{
		name: "look: found", from: (*scene).looking, end: accept,
		want: accepted, cancelled: to(watched), hinted: to(accepted.dueIn(0)),
	},
	{
		name: "look: could not ask", from: (*scene).looking, end: notSent,
		want: lookAgainRefused, cancelled: to(lookAgainRefused),
	},
	{
		name: "look: could not ask, cancelled before", from: (*scene).lookingCancelled, end: notSent,
		want: lookAgain.with(func(o *outcome) { o.Attempt = 1 }), cancelled: to(lookAgain.with(func(o *outcome) { o.Attempt = 1 })),
	},
	{
		name: "look: nothing yet", from: (*scene).looking, end: notYet,
		want: lookAgainRefused, cancelled: to(lookAgainRefused),
	},
	{
		name: "look: nothing, refused before", from: (*scene).lookingSettled, end: notFound,
		want: failed(refusal.Code, false, false), cancelled: to(unpaid),
	},
	{
		name: "look: nothing, not ready before", from: (*scene).lookingUnready, end: notFound,
		want: requeued.dueIn(0).with(func(o *outcome) { o.Refusals, o.Attempt = 1, 1 }), cancelled: to(unpaid),
	},
	{
		name: "look: nothing, cancelled before", from: (*scene).lookingCancelled, end: notFound,
		want: unpaid, cancelled: to(unpaid),
	},
	{
		name: "look: nothing, key too old", from: (*scene).lookingExpired, end: notFound,
		want:      failed(store.NeedsReview, true, false),
		cancelled: to(unpaid.with(func(o *outcome) { o.Billed = true })), // what became of it is not known, so a retry must be agreed to
	},
	{
		name: "look: nothing, key too old, resubmit", from: (*scene).lookingExpired, end: resubmit,
		want: requeued.dueIn(0).with(func(o *outcome) { o.Submission = 2 }), cancelled: to(unpaid),
	},
	{
		name: "look: several", from: (*scene).lookingSettled, end: several,
		want: failed(store.NeedsReview, true, false), cancelled: to(failed(store.NeedsReview, true, false)),
	},
}
