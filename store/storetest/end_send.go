package storetest

import (
	"time"

	"heyq/store"
)

// Outcomes that several rows share.
var (
	unpaid    = outcome{State: store.Cancelled, Submission: 1, Gate: store.Open}
	watched   = outcome{State: store.Cancelled, Submission: 1, Billed: true, Resumable: true, Gate: store.Open, Step: store.Poll, Slot: true}
	lookAgain = outcome{
		State: store.Submitting, Submission: 1, Billed: true, Gate: store.Open,
		Step: store.Create, Due: time.Minute, Slot: true, Search: true,
	}
	accepted = outcome{
		State: store.Rendering, Submission: 1, Billed: true, Resumable: true, Gate: store.Open,
		Step: store.Poll, Due: 5 * time.Minute, Slot: true,
	}
	resend = outcome{
		State: store.Submitting, Submission: 1, Billed: true, Gate: store.Open,
		Step: store.Create, Due: time.Minute, Slot: true,
	}
	requeued = outcome{
		State: store.Queued, Submission: 1, Gate: store.Open,
		Step: store.Create, Due: time.Minute, First: true,
	}
)

// with returns a changed copy.
func (o outcome) with(change func(*outcome)) outcome {
	change(&o)
	return o
}

func (o outcome) at(gate store.AdmissionState) outcome {
	o.Gate = gate
	return o
}

func (o outcome) dueIn(d time.Duration) outcome {
	o.Due = d
	return o
}

func (o outcome) refusedAs(code string) outcome {
	o.Refusal = code
	return o
}

// failed is a final row without a slot.
func failed(code string, billed, resumable bool) outcome {
	return outcome{State: store.Failed, Failure: code, Submission: 1, Billed: billed, Resumable: resumable, Gate: store.Open}
}

func to(o outcome) *outcome { return &o }

var stop = &store.Refusal{Kind: "402", Reason: "HeyGen: insufficient credit", Account: true, Proof: store.ProofSend, Wait: time.Minute}

func accept(r store.Run) store.End   { return store.Accepted(r, heygenID(r.Video), 5*time.Minute) }
func unclear(r store.Run) store.End  { return store.Unclear(r, time.Minute) }
func throttle(r store.Run) store.End { return store.Throttled(r, time.Minute, "HeyGen: slow down") }
func refuse(r store.Run) store.End   { return store.Refused(r, refusal, time.Minute, nil) }
func notReady(r store.Run) store.End { return store.NotReady(r, refusal, time.Minute) }
func stopAll(r store.Run) store.End  { return store.Refused(r, refusal, time.Minute, stop) }
func notSent(r store.Run) store.End  { return store.NotSent(r, time.Minute) }

// sendEnds are the answers to a create, and the lack of one.
var sendEnds = []end{
	{
		name: "accepted, first", from: (*scene).sending, end: accept,
		want: accepted, cancelled: to(watched), hinted: to(accepted.dueIn(0)),
	},
	{
		name: "accepted, resent", from: (*scene).resending, end: accept,
		want: accepted, cancelled: to(watched), hinted: to(accepted.dueIn(0)),
	},
	{
		name: "in progress (409)", from: (*scene).resending,
		end:  func(r store.Run) store.End { return store.InProgress(r, time.Minute) },
		want: resend.with(func(o *outcome) { o.Attempt = 1 }), cancelled: to(lookAgain.with(func(o *outcome) { o.Attempt = 1 })),
	},
	{
		name: "not ready (409), first", from: (*scene).sending, end: notReady,
		want: requeued.with(func(o *outcome) { o.Refusals, o.Attempt = 1, 1 }), cancelled: to(unpaid),
	},
	{
		name: "not ready (409), resent", from: (*scene).resending, end: notReady,
		want:      lookAgain.refusedAs(refusal.Code).with(func(o *outcome) { o.Attempt = 1 }),
		cancelled: to(lookAgain.refusedAs(refusal.Code).with(func(o *outcome) { o.Attempt = 1 })),
	},
	{
		name: "unclear, first", from: (*scene).sending, end: unclear,
		want: resend.with(func(o *outcome) { o.Attempt = 1 }), cancelled: to(lookAgain.with(func(o *outcome) { o.Attempt = 1 })),
	},
	{
		name: "unclear, resent", from: (*scene).resending, end: unclear,
		want: resend.with(func(o *outcome) { o.Attempt = 2 }), cancelled: to(lookAgain.with(func(o *outcome) { o.Attempt = 2 })),
	},
	{
		name: "attempts used up", from: (*scene).resending,
		end:  func(r store.Run) store.End { return store.Unreachable(r, time.Minute) },
		want: lookAgain.refusedAs("unreachable"), cancelled: to(lookAgain.refusedAs("unreachable")),
	},
	{
		name: "throttled (429), first", from: (*scene).sending, end: throttle,
		want:      requeued.at(store.Paused).with(func(o *outcome) { o.Refusals = 1 }),
		cancelled: to(unpaid.at(store.Paused)),
	},
	{
		name: "throttled (429), resent", from: (*scene).resending, end: throttle,
		want:      resend.at(store.Paused).with(func(o *outcome) { o.Attempt = 1 }),
		cancelled: to(lookAgain.at(store.Paused).with(func(o *outcome) { o.Attempt = 1 })),
	},
	{
		name: "refused (400), first", from: (*scene).sending, end: refuse,
		want: failed(refusal.Code, false, false), cancelled: to(unpaid),
	},
	{
		name: "refused (400), resent", from: (*scene).resending, end: refuse,
		want:      lookAgain.refusedAs(refusal.Code).with(func(o *outcome) { o.Attempt = 1 }),
		cancelled: to(lookAgain.refusedAs(refusal.Code).with(func(o *outcome) { o.Attempt = 1 })),
	},
	{
		name: "refused for all (402), first", from: (*scene).sending, end: stopAll,
		want: requeued.at(store.Stopped).with(func(o *outcome) { o.Refusals = 1 }), cancelled: to(unpaid.at(store.Stopped)),
	},
	{
		name: "refused for all (402), resent", from: (*scene).resending, end: stopAll,
		want:      lookAgain.at(store.Stopped).refusedAs(refusal.Code).with(func(o *outcome) { o.Attempt = 1 }),
		cancelled: to(lookAgain.at(store.Stopped).refusedAs(refusal.Code).with(func(o *outcome) { o.Attempt = 1 })),
	},
	{
		name: "not sent, first", from: (*scene).sending, end: notSent,
		want: requeued, cancelled: to(unpaid),
	},
	{
		name: "not sent, resent", from: (*scene).resending, end: notSent,
		want:      resend.with(func(o *outcome) { o.Attempt = 1 }),
		cancelled: to(lookAgain.with(func(o *outcome) { o.Attempt = 1 })),
	},
	{
		name: "handed back after the send", from: (*scene).sending, end: store.HandedBack,
		want: resend.dueIn(0), cancelled: to(lookAgain.dueIn(0)),
	},
}
