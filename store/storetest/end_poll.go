package storetest

import (
	"time"

	"heyq/store"
)

func still(r store.Run) store.End        { return store.StillRendering(r, time.Minute) }
func timedOut(r store.Run) store.End     { return store.RenderTimedOut(r, time.Minute) }
func renderFailed(r store.Run) store.End { return store.RenderFailed(r, dead) }
func stepFailed(r store.Run) store.End   { return store.StepFailed(r, time.Minute) }
func doubt(r store.Run) store.End        { return store.Doubted(r, prefix, file, "it has no sound track") }
func missing(r store.Run) store.End      { return store.Missing(r, dead, time.Minute) }
func giveUp(r store.Run) store.End       { return store.GaveUp(r, gaveUp, time.Minute) }

func doubted(freeSlot bool) func(store.Run) store.End {
	return func(r store.Run) store.End { return store.InDoubt(r, time.Minute, freeSlot) }
}

var (
	rendering    = accepted.dueIn(time.Minute)
	watchedLater = watched.dueIn(time.Minute)
	timeout      = watchedLater.with(func(o *outcome) { o.State, o.Failure = store.Failed, "render_timeout" })
	finished     = outcome{
		State: store.Downloading, Submission: 1, Billed: true, Resumable: true, Gate: store.Open,
		Step: store.Download, Sent: true,
	}
	stayedCancelled = outcome{State: store.Cancelled, Submission: 1, Billed: true, Resumable: true, Gate: store.Open}
)

// stillWatched failed because HeyGen did not know its render, and is looked at
// without a slot.
var stillWatched = timeout.with(func(o *outcome) { o.Failure, o.Slot, o.Resumable = dead.Code, false, false })

func failedOnce(o outcome) outcome {
	o.Attempt = 1
	return o
}

// pollEnds are what HeyGen says of a render, whether its video still waits for
// it or has failed or been cancelled meanwhile.
var pollEnds = []end{
	{name: "poll: rendering", from: (*scene).polling, end: still, want: rendering, hinted: to(rendering.dueIn(0))},
	{name: "poll: rendering, failed before", from: (*scene).pollingFailed, end: still, want: timeout, hinted: to(timeout.dueIn(0))},
	{name: "poll: rendering, cancelled before", from: (*scene).pollingCancelled, end: still, want: watchedLater, hinted: to(watched)},

	{name: "poll: past the deadline", from: (*scene).polling, end: timedOut, want: timeout, hinted: to(timeout.dueIn(0))},
	{name: "poll: past the deadline, failed before", from: (*scene).pollingFailed, end: timedOut, want: timeout, hinted: to(timeout.dueIn(0))},
	{name: "poll: past the deadline, cancelled before", from: (*scene).pollingCancelled, end: timedOut, want: watchedLater, hinted: to(watched)},

	{name: "poll: completed", from: (*scene).polling, end: store.Rendered, want: finished},
	{name: "poll: completed, failed before", from: (*scene).pollingFailed, end: store.Rendered, want: finished},
	{name: "poll: completed, cancelled before", from: (*scene).pollingCancelled, end: store.Rendered, want: stayedCancelled},

	{name: "poll: failed", from: (*scene).polling, end: renderFailed, want: failed(dead.Code, true, false)},
	{name: "poll: failed, failed before", from: (*scene).pollingFailed, end: renderFailed, want: failed(dead.Code, true, false)},
	{
		name: "poll: failed, cancelled before", from: (*scene).pollingCancelled, end: renderFailed,
		want: stayedCancelled.with(func(o *outcome) { o.Resumable = false }),
	},

	{name: "poll: doubted", from: (*scene).polling, end: doubted(false), want: rendering, hinted: to(rendering.dueIn(0))},
	{
		name: "poll: doubted for long", from: (*scene).polling, end: doubted(true),
		want: rendering.with(func(o *outcome) { o.Slot = false }), hinted: to(rendering.with(func(o *outcome) { o.Slot, o.Due = false, 0 })),
	},
	{
		name: "poll: missing", from: (*scene).polling, end: missing,
		want: stillWatched, hinted: to(stillWatched.dueIn(0)),
	},
	{
		name: "poll: missing, failed before", from: (*scene).pollingFailed, end: missing,
		want: stillWatched, hinted: to(stillWatched.dueIn(0)),
	},
	{
		name: "poll: missing, cancelled before", from: (*scene).pollingCancelled, end: missing,
		want: stayedCancelled.with(func(o *outcome) { o.Resumable = false }),
	},
	{name: "poll: could not ask, missing before", from: (*scene).pollingMissing, end: stepFailed, want: failedOnce(stillWatched)},
	{name: "poll: missing still", from: (*scene).pollingMissing, end: missing, want: stillWatched, hinted: to(stillWatched.dueIn(0))},
	{
		name: "poll: rendering, missing before", from: (*scene).pollingMissing, end: still,
		want:   stillWatched.with(func(o *outcome) { o.Slot, o.Resumable = true, true }),
		hinted: to(stillWatched.with(func(o *outcome) { o.Slot, o.Resumable, o.Due = true, true, 0 })),
	},
	{name: "poll: completed, missing before", from: (*scene).pollingMissing, end: store.Rendered, want: finished},
	{name: "poll: failed, missing before", from: (*scene).pollingMissing, end: renderFailed, want: failed(dead.Code, true, false)},
	{name: "poll: written off, missing before", from: (*scene).pollingMissing, end: store.WrittenOff, want: failed(dead.Code, true, false)},

	{name: "poll: written off", from: (*scene).polling, end: store.WrittenOff, want: failed("render_timeout", true, true)},
	{name: "poll: written off, failed before", from: (*scene).pollingFailed, end: store.WrittenOff, want: failed("render_timeout", true, true)},
	{name: "poll: written off, cancelled before", from: (*scene).pollingCancelled, end: store.WrittenOff, want: stayedCancelled},

	{name: "poll: could not ask", from: (*scene).polling, end: stepFailed, want: failedOnce(rendering)},
	{name: "poll: could not ask, failed before", from: (*scene).pollingFailed, end: stepFailed, want: failedOnce(timeout)},
	{name: "poll: could not ask, cancelled before", from: (*scene).pollingCancelled, end: stepFailed, want: failedOnce(watchedLater)},

	{
		name: "poll: attempts used up", from: (*scene).polling, end: giveUp,
		want: timeout.with(func(o *outcome) { o.Failure = gaveUp.Code }),
	},
	{name: "poll: attempts used up, failed before", from: (*scene).pollingFailed, end: giveUp, want: timeout},
	{name: "poll: attempts used up, cancelled before", from: (*scene).pollingCancelled, end: giveUp, want: watchedLater},

	{name: "poll: handed back", from: (*scene).polling, end: store.HandedBack, want: rendering.dueIn(0)},
}

// downloadEnds are how a download goes.
var downloadEnds = []end{
	{
		name: "download: done", from: (*scene).downloading,
		end:  func(r store.Run) store.End { return store.Downloaded(r, prefix, file) },
		want: stayedCancelled.with(func(o *outcome) { o.State = store.Completed }),
	},
	{
		name: "download: failed", from: (*scene).downloading, end: stepFailed,
		want: finished.with(func(o *outcome) { o.Sent, o.Due, o.Attempt = false, time.Minute, 1 }),
	},
	{name: "download: not as promised", from: (*scene).downloading, end: doubt, want: failed(store.NeedsReview, true, true)},
	{
		name: "download: doubted", from: (*scene).downloading,
		end:  func(r store.Run) store.End { return store.FileMissing(r, time.Minute) },
		want: finished.with(func(o *outcome) { o.Sent, o.Due, o.Attempt = false, time.Minute, 1 }),
	},
	{
		name: "download: missing", from: (*scene).downloading,
		end:  func(r store.Run) store.End { return store.FileLost(r, dead, time.Minute) },
		want: stillWatched.with(func(o *outcome) { o.Resumable = true }),
	},
	{name: "download: attempts used up", from: (*scene).downloading, end: giveUp, want: failed(gaveUp.Code, true, true)},
	{
		name: "download: handed back", from: (*scene).downloading, end: store.HandedBack,
		want: finished.with(func(o *outcome) { o.Sent = false }),
	},
}
