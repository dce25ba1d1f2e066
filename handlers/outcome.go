package handlers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"heyq/heygen"
	"heyq/internal/policy"
	"heyq/jobs"
	"heyq/media"
	"heyq/store"
)

// This file decides what an error means: tried again, when, how often, or the
// end of the video. Its table test is heyq's retry specification.

// Attempts of a step, counted in its row, beside those of its Bounds, and the waits
// between them.
const (
	readyAttempts = 20 // answers that something is not ready yet: about two hours
	deadAttempts  = 3  // until "failed" is believed of a render that HeyGen had completed

	firstWait = time.Second
	longWait  = 10 * time.Minute
	pollWait  = time.Minute     // the longest wait between two polls that fail
	busyWait  = 2 * time.Second // while a create with our key is in flight
)

// backoff doubles from firstWait to most, and spreads by a fifth either way so
// that what failed together does not come back together.
func backoff(attempt int, most time.Duration) time.Duration {
	wait := firstWait << min(attempt, 20)
	wait = min(wait, most)
	return wait + time.Duration((rand.Float64()-0.5)*0.4*float64(wait))
}

// createEnd is the outcome of a create that was to be sent.
func (h *Handlers) createEnd(ctx context.Context, run store.Run, created heygen.Created, err error) store.End {
	answer, answered := errors.AsType[*heygen.Error](err)
	switch {
	case err == nil:
		return store.Accepted(run, created.ID, h.polls.first())
	case errors.Is(err, heygen.ErrNotSent):
		return notSent(run, err)
	case !answered && ctx.Err() != nil:
		return store.HandedBack(run)
	case answered && answer.Status == http.StatusConflict && answer.Code == heygen.CodeInProgress:
		return store.InProgress(run, max(busyWait, answer.RetryAfter))
	case answered && answer.Status == http.StatusConflict && answer.Code == heygen.CodeNotReady && run.Attempt+1 < readyAttempts:
		return store.NotReady(run, failure(answer, store.Create), max(backoff(run.Attempt, longWait), answer.RetryAfter))
	case answered && answer.Status == http.StatusTooManyRequests:
		return throttled(run, answer)
	case answered && answer.Refused():
		return store.Refused(run, failure(answer, store.Create), backoff(run.Attempt, longWait), refusal(run, answer))
	}
	end := store.Unclear(run, max(backoff(run.Attempt, longWait), retryAfter(err)))
	if run.Attempt+1 >= h.bounds(jobs.CreateQueue).Attempts {
		end = store.Unreachable(run, backoff(0, longWait))
	}
	if answered && answer.Foreign && answer.Status >= 400 && answer.Status < 500 {
		end.Refusal = refusal(run, answer)
	}
	return end
}

// throttled is the outcome of a 429. A quota takes long to come back, so a 429 for it
// closes the gate. One that HeyGen did not write does not prove that HeyGen has created
// nothing.
func throttled(run store.Run, answer *heygen.Error) store.End {
	run.First = run.First && !answer.Foreign
	end := store.Throttled(run, answer.RetryAfter, answer.Error())
	if answer.Account() {
		end.Refusal = refusal(run, answer)
	}
	return end
}

// refusal is an answer as the gate sees it. Equal ones have one status and one
// code; their words may name the video.
func refusal(run store.Run, answer *heygen.Error) *store.Refusal {
	r := &store.Refusal{
		Kind: fmt.Sprintf("%d %s", answer.Status, answer.Code), Reason: answer.Error(), Account: answer.Account(),
		Proof: store.ProofSend, Wait: backoff(run.Refusals, longWait), Last: run.Refusals >= readyAttempts,
	}
	if answer.Foreign {
		r.Kind, r.Reason, r.Proof = r.Kind+" of a gateway", "what stands before HeyGen: "+answer.Error(), store.ProofAnswer
	}
	return r
}

// brokeRender closes the gate if a render failed for a cause of the account.
func brokeRender(f store.Failure) *store.Refusal {
	if !heygen.AccountCode(f.Code) {
		return nil
	}
	return &store.Refusal{
		Kind: f.Code, Reason: fmt.Sprintf("HeyGen ended a render: %s: %s", f.Code, f.Message), Account: true, Proof: store.ProofRender,
	}
}

// notSent is the outcome of a call that was kept from the wire: that
// is no failure. While a breaker is open no other create would be sent either, and the
// backlog waits where it is instead of passing through the slots. What was sent
// before comes a second after what was not: a template that HeyGen always answers
// with 500 would fail each probe, and keep the breaker open for all others.
func notSent(run store.Run, err error) store.End {
	refusal := policy.RefusalIn(err)
	if refusal == nil {
		return store.NotSent(run, backoff(0, longWait))
	}
	wait := refusal.Wait + rand.N(firstWait)
	if run.State == store.Submitting && !run.First {
		wait += firstWait
	}
	end := store.NotSent(run, wait)
	if run.State == store.Submitting && refusal.Closed {
		end.Pause = &store.Pause{For: refusal.Wait, Reason: refusal.Reason()}
	}
	return end
}

// failure keeps HeyGen's own code and words.
func failure(answer *heygen.Error, step store.Step) store.Failure {
	message := answer.Message
	if answer.Param != "" {
		message += " (" + answer.Param + ")"
	}
	return store.Failure{Code: answer.Code, Message: message, Step: step}
}

func retryAfter(err error) time.Duration {
	if answer, ok := errors.AsType[*heygen.Error](err); ok {
		return answer.RetryAfter
	}
	return 0
}

// pollFailed is the outcome of a poll that got no answer. It never gives a
// paid render up; only the render's own deadlines do.
func (h *Handlers) pollFailed(ctx context.Context, run store.Run, err error) store.End {
	wait := max(backoff(run.Attempt, pollWait), retryAfter(err))
	switch {
	case ctx.Err() != nil:
		return store.HandedBack(run)
	case run.PastWriteOff:
		return store.WrittenOff(run)
	case run.PastDeadline && run.State == store.Rendering:
		return store.RenderTimedOut(run, wait)
	case policy.RefusalIn(err) != nil:
		return notSent(run, err)
	default:
		return store.StepFailed(run, wait)
	}
}

// downloadFailed is the outcome of a download that did not succeed.
func (h *Handlers) downloadFailed(ctx context.Context, run store.Run, err error) store.End {
	answer, _ := errors.AsType[*heygen.Error](err)
	last := run.Attempt+1 >= h.bounds(jobs.DownloadQueue).Attempts
	switch {
	case ctx.Err() != nil:
		return store.HandedBack(run)
	case policy.RefusalIn(err) != nil:
		return notSent(run, err)
	case errors.Is(err, errRenderDead) && run.Attempt >= deadAttempts:
		return store.RenderFailed(run, store.Failure{Code: "render_failed", Message: err.Error(), Step: store.Download})
	case unknownToHeyGen(err) && (last || h.believed(run)):
		return store.FileLost(run, deleted(run, answer), h.polls.inDoubt(run))
	case unknownToHeyGen(err):
		return store.FileMissing(run, max(backoff(run.Attempt, longWait), retryAfter(err)))
	case errors.Is(err, media.ErrTooLarge):
		return store.GaveUp(run, store.Failure{Code: "file_too_large", Message: err.Error(), Step: store.Download}, 0)
	case last:
		return store.GaveUp(run, store.Failure{Code: downloadCode(err), Message: err.Error(), Step: store.Download}, 0)
	default:
		return store.StepFailed(run, max(backoff(run.Attempt, longWait), retryAfter(err)))
	}
}

// deleted says that HeyGen does not know what is to be fetched.
func deleted(run store.Run, answer *heygen.Error) store.Failure {
	f := failure(answer, store.Download)
	if run.File != nil {
		f.Code = "file_lost"
		f.Message = "the file that was published is lost, and HeyGen does not know the video any more: " + f.Message
	}
	return f
}

// downloadCode names the reason why a download was given up.
func downloadCode(err error) string {
	answer, answered := errors.AsType[*heygen.Error](err)
	switch {
	case answered:
		return answer.Code
	case errors.Is(err, errNoLink):
		return "no_link"
	case errors.Is(err, media.ErrLinkExpired):
		return "link_expired"
	case errors.Is(err, media.ErrLinkRefused):
		return "link_refused"
	case errors.Is(err, media.ErrRedirectRefused):
		return "redirect_refused"
	case errors.Is(err, media.ErrNotPlayable):
		return "not_playable"
	case errors.Is(err, media.ErrCorrupted):
		return "corrupted"
	default:
		return "download_failed"
	}
}

// stepFailed is the outcome of a recipe that panicked.
func (h *Handlers) stepFailed(run store.Run, err error) store.End {
	switch run.State {
	case store.Submitting:
		switch last := run.Attempt+1 >= h.bounds(jobs.CreateQueue).Attempts; {
		case last && run.Search:
			return store.Ambiguous(run, "looking for the create failed again and again: "+err.Error())
		case last:
			return store.Unreachable(run, backoff(0, longWait))
		}
		return store.Unclear(run, backoff(run.Attempt, longWait))
	case store.Downloading:
		return h.downloadFailed(context.Background(), run, err)
	default:
		return store.StepFailed(run, backoff(run.Attempt, pollWait))
	}
}

var (
	errRenderDead = errors.New("HeyGen says now that the render failed")
	errNoLink     = errors.New("HeyGen completed the video and gives no link")
)

// dead adds HeyGen's reason to errRenderDead.
func dead(v heygen.Video) error {
	return fmt.Errorf("%w: %s %s", errRenderDead, v.FailureCode, v.FailureMessage)
}
