package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"heyq/heygen"
	"heyq/internal/policy"
	"heyq/media"
	"heyq/store"
)

// This file is heyq's retry specification. Each row is an answer, and each
// column a situation that it can come in.

// answered is an error as the client returns it for an HTTP status.
func answered(status int, wait time.Duration) *heygen.Error {
	return &heygen.Error{
		Status: status, Code: "code", Message: "words", Param: "field", RetryAfter: wait,
	}
}

func coded(status int, code string, wait time.Duration) *heygen.Error {
	e := answered(status, wait)
	e.Code = code
	return e
}

// What kept a call from the wire is no failure, so that no attempt is counted.
var (
	breakerOpen = &policy.Refusal{Policy: "the breaker of heygen", Wait: 40 * time.Second, Cause: "it answered 500", Closed: true}
	rateLimited = &policy.Refusal{Policy: "the rate limit of heygen", Wait: 7 * time.Second}
)

// wrapped puts an error into the chain that the client makes.
func wrapped(err error) error { return fmt.Errorf("create: %w", err) }

// end makes an outcome of a run; its first argument is the wait that the
// attempts of the run's step have come to.
type end func(run store.Run, wait time.Duration) store.End

func TestCreateEnd(t *testing.T) {
	t.Parallel()
	const firstPoll = 5 * time.Second
	const long = 10 * time.Minute // longer than any backoff of a create

	accepted := func(r store.Run, _ time.Duration) store.End { return store.Accepted(r, "hey", firstPoll) }
	notSent := func(r store.Run, _ time.Duration) store.End { return store.NotSent(r, time.Second) }
	paused := func(r store.Run, _ time.Duration) store.End {
		e := store.NotSent(r, breakerOpen.Wait)
		e.Pause = &store.Pause{For: breakerOpen.Wait, Reason: breakerOpen.Reason()}
		return e
	}
	unclear := store.Unclear
	search := func(r store.Run, _ time.Duration) store.End { return store.Unreachable(r, time.Second) }
	handedBack := func(r store.Run, _ time.Duration) store.End { return store.HandedBack(r) }
	after := func(wait time.Duration, then end) end {
		return func(r store.Run, _ time.Duration) store.End { return then(r, wait) }
	}
	// A refusal fails the video if this was the key's only send, and is looked
	// into if it was not: store.Refused tells the two apart.
	refusedAs := func(status int, code string) end {
		return func(r store.Run, wait time.Duration) store.End {
			return store.Refused(r, store.Failure{Code: code, Message: "words (field)", Step: store.Create}, wait, &store.Refusal{
				Kind: fmt.Sprint(status, " ", code), Reason: coded(status, code, 0).Error(), Proof: store.ProofSend, Wait: time.Second,
			})
		}
	}
	refused := func(status int) end { return refusedAs(status, "code") }
	foreign := func(status int, then end) end {
		return func(r store.Run, wait time.Duration) store.End {
			e := then(r, wait)
			e.Refusal = &store.Refusal{
				Kind: fmt.Sprint(status, " code of a gateway"), Reason: "what stands before HeyGen: " + answered(status, 0).Error(),
				Proof: store.ProofAnswer, Wait: time.Second,
			}
			return e
		}
	}
	notReady := func(r store.Run, wait time.Duration) store.End {
		return store.NotReady(r, store.Failure{Code: heygen.CodeNotReady, Message: "words (field)", Step: store.Create}, wait)
	}
	stops := func(status int) end {
		return func(r store.Run, wait time.Duration) store.End {
			e := refused(status)(r, wait)
			e.Refusal.Account = true
			return e
		}
	}
	throttled := func(wait time.Duration) end {
		return func(r store.Run, _ time.Duration) store.End {
			return store.Throttled(r, wait, answered(429, wait).Error())
		}
	}
	type row struct {
		name                             string
		err                              error
		first, again, usedUp, whileEnded end
	}
	always := func(name string, err error, e end) row { return row{name, err, e, e, e, e} }
	rows := []row{
		always("accepted", nil, accepted),

		// Nothing left this process: the deadline, or a context that had ended.
		always("not sent: too late", wrapped(fmt.Errorf("%w: %w", heygen.ErrNotSent, errTooLate)), notSent),
		always("not sent: the breaker is open", wrapped(fmt.Errorf("%w: %w", heygen.ErrNotSent, breakerOpen)), paused),
		always("not sent: the rate limit", wrapped(fmt.Errorf("%w: %w", heygen.ErrNotSent, rateLimited)), func(r store.Run, _ time.Duration) store.End {
			return store.NotSent(r, rateLimited.Wait)
		}),
		always("not sent: shutting down", wrapped(fmt.Errorf("%w: %w", heygen.ErrNotSent, context.Canceled)), notSent),

		// HeyGen said no, and did nothing.
		always("400", wrapped(answered(400, 0)), refused(400)),
		always("401", wrapped(answered(401, 0)), stops(401)),
		always("402", wrapped(answered(402, 0)), stops(402)),
		always("403", wrapped(answered(403, 0)), refused(403)),
		always("404", wrapped(answered(404, 0)), refused(404)),
		always("413", wrapped(answered(413, 0)), refused(413)),
		always("422", wrapped(answered(422, 0)), refused(422)),

		// A 409 is a refusal, unless it is about the very key or about time.
		always("409", wrapped(answered(409, 0)), refused(409)),
		always("409 conflict", wrapped(coded(409, "conflict", 0)), refusedAs(409, "conflict")),
		always("409 request_in_progress", wrapped(coded(409, heygen.CodeInProgress, 0)), after(busyWait, store.InProgress)),
		always("409 request_in_progress that says when", wrapped(coded(409, heygen.CodeInProgress, long)), after(long, store.InProgress)),
		always("409 resource_not_ready", wrapped(coded(409, heygen.CodeNotReady, 0)), notReady),
		always("409 resource_not_ready that says when", wrapped(coded(409, heygen.CodeNotReady, long)), after(long, notReady)),

		// Not now.
		always("429", wrapped(answered(429, 30*time.Second)), throttled(30*time.Second)),
		always("429 of a gateway", wrapped(&heygen.Error{Status: 429, Code: "code", Message: "words", Param: "field", RetryAfter: long, Foreign: true}),
			func(r store.Run, _ time.Duration) store.End {
				r.First = false // who knows whether HeyGen was asked
				return store.Throttled(r, long, answered(429, 0).Error())
			}),
		always("429 quota_exceeded", wrapped(coded(429, "quota_exceeded", long)), func(r store.Run, _ time.Duration) store.End {
			e := store.Throttled(r, long, coded(429, "quota_exceeded", 0).Error())
			e.Refusal = &store.Refusal{Kind: "429 quota_exceeded", Reason: e.Pause.Reason, Account: true, Proof: store.ProofSend, Wait: time.Second}
			return e
		}),
		always("429 for an hour", wrapped(answered(429, time.Hour)), throttled(time.Hour)),
	}
	// Anything may have happened: the same key is sent again, and in the end
	// looked for. An answer counts as it is, even when this process is ending.
	for _, status := range []int{200, 301, 408, 425, 500, 501, 502, 503, 504, 529} {
		rows = append(rows,
			row{fmt.Sprint(status), wrapped(answered(status, 0)), unclear, unclear, search, unclear},
			row{
				fmt.Sprint(status, " that says when"), wrapped(answered(status, long)),
				after(long, unclear), after(long, unclear), search, after(long, unclear),
			})
	}
	// A 4xx that is not in HeyGen's form: who knows who said it.
	for _, status := range []int{400, 401, 402, 403, 404, 409, 413, 422} {
		answer := answered(status, 0)
		answer.Foreign = true
		again := foreign(status, unclear)
		rows = append(rows, row{fmt.Sprint(status, " of a gateway"), wrapped(answer), again, again, foreign(status, search), again})
	}
	for name, err := range map[string]error{
		"unreadable answer":  heygen.ErrUnreadable,
		"connection cut":     io.ErrUnexpectedEOF,
		"answered too late":  context.DeadlineExceeded,
		"something else yet": errOther,
	} {
		rows = append(rows, row{name, wrapped(err), unclear, unclear, search, handedBack})
	}

	first, again, usedUp := newRun(store.Submitting), newRun(store.Submitting), newRun(store.Submitting)
	first.First = true
	again.Attempt = 3
	usedUp.Attempt = createAttempts - 1
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			h := newBench(t, nil)
			for _, c := range []struct {
				situation string
				ctx       context.Context
				run       store.Run
				wait      time.Duration
				want      end
			}{
				{"first send", t.Context(), first, time.Second, r.first},
				{"sent again", t.Context(), again, 8 * time.Second, r.again},
				{"attempts used up", t.Context(), usedUp, 128 * time.Second, r.usedUp},
				{"shutting down", endedContext(), again, 8 * time.Second, r.whileEnded},
			} {
				got := h.createEnd(c.ctx, c.run, heygen.Created{ID: "hey"}, r.err)
				compare(t, c.situation, got, c.want(c.run, c.wait), spread)
			}
		})
	}
}

func TestPollFailed_never_gives_a_render_up(t *testing.T) {
	t.Parallel()
	handedBack := func(r store.Run, _ time.Duration) store.End { return store.HandedBack(r) }
	waits := store.NotSent
	for _, c := range []struct {
		name string
		ctx  context.Context
		run  func(*store.Run)
		err  error
		wait time.Duration
		want end
	}{
		{"the first failure", t.Context(), func(*store.Run) {}, errOther, time.Second, store.StepFailed},
		{"a late one waits a minute", t.Context(), func(r *store.Run) { r.Attempt = 1000 }, errOther, time.Minute, store.StepFailed},
		{"429", t.Context(), func(*store.Run) {}, answered(429, time.Hour), time.Hour, store.StepFailed},
		{"401", t.Context(), func(r *store.Run) { r.Attempt = 50 }, answered(401, 0), time.Minute, store.StepFailed},
		{"shutting down", endedContext(), func(r *store.Run) { r.PastDeadline = true }, errOther, 0, handedBack},
		{"the breaker is open", t.Context(), func(r *store.Run) { r.Attempt = 3 }, breakerOpen, breakerOpen.Wait, waits},
		{"the rate limit", t.Context(), func(*store.Run) {}, rateLimited, rateLimited.Wait, waits},
		{
			"the breaker is open past the deadline", t.Context(),
			func(r *store.Run) { r.PastDeadline = true }, breakerOpen, time.Second, store.RenderTimedOut,
		},
		{"past the deadline", t.Context(), func(r *store.Run) { r.PastDeadline = true }, errOther, time.Second, store.RenderTimedOut},
		{
			"failed before, and still watched", t.Context(),
			func(r *store.Run) { r.PastDeadline, r.State = true, store.Failed }, errOther, time.Second, store.StepFailed,
		},
		{
			"past the write-off", t.Context(), func(r *store.Run) { r.PastDeadline, r.PastWriteOff = true, true }, errOther, 0,
			func(r store.Run, _ time.Duration) store.End { return store.WrittenOff(r) },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			run := newRun(store.Rendering)
			c.run(&run)
			got := newBench(t, nil).pollFailed(c.ctx, run, fmt.Errorf("statuses: %w", c.err))
			compare(t, "outcome", got, c.want(run, c.wait), spread)
		})
	}
}

func TestDownloadFailed(t *testing.T) {
	t.Parallel()
	type outcome struct {
		To         store.State
		Code       string
		RenderDead bool // a retry renders, and pays, again
		Attempts   store.AttemptChange
		Due        time.Duration
	}
	again := func(wait time.Duration) outcome {
		return outcome{To: store.Downloading, Attempts: store.CountAttempt, Due: wait}
	}
	waits := func(wait time.Duration) outcome {
		return outcome{To: store.Downloading, Attempts: store.KeepAttempts, Due: wait}
	}
	gaveUp := func(code string) outcome { return outcome{To: store.Failed, Code: code} }
	dead := func(code string) outcome { return outcome{To: store.Failed, Code: code, RenderDead: true} }
	last := downloadAttempts - 1
	for _, c := range []struct {
		name    string
		ctx     context.Context
		attempt int
		err     error
		want    outcome
	}{
		{"any failure", t.Context(), 0, errOther, again(time.Second)},
		{"a later one", t.Context(), 5, errOther, again(32 * time.Second)},
		{"the last one", t.Context(), last, errOther, gaveUp("download_failed")},
		{"no link yet", t.Context(), 0, errNoLink, again(time.Second)},
		{"no link ever", t.Context(), last, errNoLink, gaveUp("no_link")},
		{"link expired", t.Context(), 0, media.ErrLinkExpired, again(time.Second)},
		{"link expired each time", t.Context(), last, media.ErrLinkExpired, gaveUp("link_expired")},
		{"redirected into the network", t.Context(), 0, media.ErrRedirectRefused, again(time.Second)},
		{"redirected each time", t.Context(), last, media.ErrRedirectRefused, gaveUp("redirect_refused")},
		{"not playable", t.Context(), 0, media.ErrNotPlayable, again(time.Second)},
		{"not playable each time", t.Context(), last, media.ErrNotPlayable, gaveUp("not_playable")},
		{"corrupted", t.Context(), 0, media.ErrCorrupted, again(time.Second)},
		{"corrupted each time", t.Context(), last, media.ErrCorrupted, gaveUp("corrupted")},
		{"too large", t.Context(), 0, media.ErrTooLarge, gaveUp("file_too_large")},
		{"HeyGen busy", t.Context(), 0, answered(429, time.Hour), again(time.Hour)},
		{"HeyGen broken each time", t.Context(), last, answered(500, 0), gaveUp("code")},
		{"unknown to HeyGen at first", t.Context(), 2, answered(404, 0), again(4 * time.Second)},
		{"unknown for longer", t.Context(), 5, answered(404, 0), again(32 * time.Second)},
		{"deleted at HeyGen", t.Context(), last, answered(404, 0), outcome{To: store.Failed, Code: "code", Due: 5 * time.Second}},
		{"failed, says HeyGen once", t.Context(), 0, errRenderDead, again(time.Second)},
		{"failed after all", t.Context(), deadAttempts, errRenderDead, dead("render_failed")},
		{"the breaker is open", t.Context(), last, breakerOpen, waits(breakerOpen.Wait)},
		{"the rate limit", t.Context(), last, rateLimited, waits(rateLimited.Wait)},
		{"shutting down", endedContext(), last, errOther, outcome{To: store.Downloading, Attempts: store.KeepAttempts}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			run := newRun(store.Downloading)
			run.Attempt = c.attempt
			e := newBench(t, nil).downloadFailed(c.ctx, run, fmt.Errorf("fetch: %w", c.err))
			got := outcome{To: e.To, RenderDead: e.RenderDead, Attempts: e.Attempts, Due: e.Due}
			if e.Failure != nil {
				got.Code = e.Failure.Code
				if e.Failure.Step != store.Download || e.Failure.Message == "" {
					t.Errorf("failed with %+v", e.Failure)
				}
			}
			compare(t, "outcome", got, c.want, spread)
			compare(t, "fence", e.Fence, run.Fence)
		})
	}
}

func TestStepFailed_is_a_failure_of_the_step_that_panicked(t *testing.T) {
	t.Parallel()
	h := newBench(t, nil)
	for _, c := range []struct {
		state   store.State
		attempt int
		want    end
	}{
		{store.Submitting, 0, store.Unclear},
		{store.Submitting, createAttempts - 1, func(r store.Run, _ time.Duration) store.End { return store.Unreachable(r, time.Second) }},
		{store.Rendering, 0, store.StepFailed},
		{store.Failed, 0, store.StepFailed}, // and still watched
		{store.Downloading, 0, store.StepFailed},
		{store.Downloading, downloadAttempts - 1, func(r store.Run, _ time.Duration) store.End {
			return store.GaveUp(r, store.Failure{Code: "download_failed", Message: errOther.Error(), Step: store.Download}, 0)
		}},
	} {
		run := newRun(c.state)
		run.Attempt = c.attempt
		compare(t, fmt.Sprintf("%s, attempt %d", c.state, c.attempt), h.stepFailed(run, errOther), c.want(run, time.Second), spread)
	}

	// A search that panics each time must end as well, and only a person can say how.
	search := newRun(store.Submitting)
	search.Search, search.Attempt = true, createAttempts-1
	if e := h.stepFailed(search, errOther); e.To != store.Failed || e.Failure.Code != store.NeedsReview || !e.FreeSlot {
		t.Errorf("the last panic of a search ends as %+v", e)
	}
	search.Attempt = 0
	compare(t, "first panic of a search", h.stepFailed(search, errOther), store.Unclear(search, time.Second), spread)
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for attempt, want := range []time.Duration{0: 1, 1: 2, 2: 4, 5: 32, 9: 512, 10: 600, 63: 600, 1000: 600} {
		if want == 0 {
			continue
		}
		want *= time.Second
		for range 100 {
			if got := backoff(attempt, longWait); got < want*8/10 || got > want*12/10 {
				t.Fatalf("attempt %d waits %s, want %s and a fifth either way", attempt, got, want)
			}
		}
	}
}

// What is not ready for two hours is what the video fails of.
func TestCreateEnd_what_is_never_ready(t *testing.T) {
	t.Parallel()
	run := newRun(store.Submitting)
	run.First, run.Attempt = true, readyAttempts-2
	h := newBench(t, nil)
	if e := h.createEnd(t.Context(), run, heygen.Created{}, coded(409, heygen.CodeNotReady, 0)); e.To != store.Queued || !e.FreeSlot {
		t.Errorf("the last but one ends as %+v", e)
	}
	run.Attempt++
	if e := h.createEnd(t.Context(), run, heygen.Created{}, coded(409, heygen.CodeNotReady, 0)); e.To != store.Failed || e.Failure.Code != heygen.CodeNotReady {
		t.Errorf("the last ends as %+v", e)
	}
}

// The waits of a step add up to what the comment on its attempts promises.
func TestAttempts_last_as_long_as_promised(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step     string
		attempts int
		want     time.Duration
	}{
		{"create", createAttempts, 2 * time.Minute},
		{"create, not ready", readyAttempts, 2 * time.Hour},
		{"download", downloadAttempts, 90 * time.Minute},
	} {
		var total time.Duration
		const times = 100 // what they are spread by comes to nothing
		for range times {
			for attempt := range c.attempts - 1 {
				total += backoff(attempt, longWait) / times
			}
		}
		if (total - c.want).Abs() > c.want/5 {
			t.Errorf("%s is given up after %s, want about %s", c.step, total, c.want)
		}
	}
}

func TestFailure_keeps_HeyGens_code_and_words(t *testing.T) {
	t.Parallel()
	for param, want := range map[string]string{"": "no such avatar", "avatar_id": "no such avatar (avatar_id)"} {
		answer := &heygen.Error{Status: http.StatusNotFound, Code: "avatar_not_found", Message: "no such avatar", Param: param}
		compare(t, "failure", failure(answer, store.Create), store.Failure{Code: "avatar_not_found", Message: want, Step: store.Create})
	}
	err := dead(heygen.Video{FailureCode: "MODERATION", FailureMessage: "not allowed"})
	if !errors.Is(err, errRenderDead) || err.Error() != "HeyGen says now that the render failed: MODERATION not allowed" {
		t.Errorf("got %v", err)
	}
}

// What a breaker kept back comes again when it lets a probe through. A create that
// failed before is no good one.
func TestNotSent_lets_what_was_never_sent_come_first(t *testing.T) {
	t.Parallel()
	first, again := submitting(), submitting(func(r *store.Run) { r.First, r.Attempt = false, 1 })
	for range 100 {
		a, b := notSent(first, breakerOpen), notSent(again, breakerOpen)
		if limit := breakerOpen.Wait + firstWait; a.Due >= limit || b.Due < limit {
			t.Fatalf("the first send comes after %s, and one that failed before after %s", a.Due, b.Due)
		}
	}
}
