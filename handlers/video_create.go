package handlers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"heyq/heygen"
	"heyq/internal/policy"
	"heyq/jobs"
	"heyq/store"
)

// createVideos submits videos to HeyGen, each at most once.
func (h *Handlers) createVideos(ctx context.Context, task jobs.VideoTask) error {
	return h.runVideos(ctx, task, recipe{step: store.Create, queue: jobs.CreateQueue, one: h.createVideo})
}

// createVideo sends one POST, or searches for what an earlier one made. The row
// said "submitting", durably, before this runs.
func (h *Handlers) createVideo(ctx context.Context, run store.Run, deadline sendDeadline) store.End {
	if run.Search {
		return h.searchForVideo(ctx, run)
	}
	render, err := jobs.ReadRender(run.Request)
	if err != nil {
		return store.Refused(run, store.Failure{Code: "unreadable_request", Message: err.Error(), Step: store.Create}, 0, nil)
	}
	titles, err := h.titles(ctx)
	if err != nil {
		return because(store.NotSent(run, backoff(0, longWait)), err)
	}
	if run.First && h.Now().Sub(run.CreatedAt) > searchAge {
		if end, found := h.sentBefore(ctx, run, titles); found {
			return end
		}
	}
	created, err := h.HeyGen.Videos.Create(ctx, heygen.Create{
		TemplateID:     render.TemplateID,
		Body:           h.body(run, render, titles.of(run)),
		IdempotencyKey: idempotencyKey(run),
		MaySend:        deadline.check,
	})
	end := h.createEnd(ctx, run, created, err)
	if err != nil && end.To == store.Submitting && !errors.Is(err, heygen.ErrNotSent) && ctx.Err() == nil {
		end.LastAnswer = err.Error()
	}
	return because(end, err)
}

// searchAge is how old a video is whose first send is preceded by a search: if
// the database was set back, it may have been sent before, and HeyGen forgets the
// key after a day.
const searchAge = 20 * time.Hour

// sentBefore searches for a render of a video that the row says was never sent. It
// sends nothing if it cannot tell. That nothing was found is believed of a row that
// knows all of its past. One that the database held when it was set back may not: it
// asks for the proof that a search asks for after a lost answer.
func (h *Handlers) sentBefore(ctx context.Context, run store.Run, titles titles) (end store.End, found bool) {
	listed, err := h.HeyGen.Videos.FindByTitle(ctx, token(run))
	if err != nil {
		if policy.RefusalIn(err) != nil {
			return because(notSent(run, err), err), true
		}
		return because(store.NotSent(run, max(h.SearchInterval, retryAfter(err))), err), true
	}
	switch renders := titles.find(listed, run); len(renders) {
	case 0:
		return h.neverSent(ctx, run)
	case 1:
		return store.Accepted(run, renders[0].ID, 0), true
	default:
		return store.Ambiguous(run, fmt.Sprintf("HeyGen lists %d videos with this title token, and the database knows of none", len(renders))), true
	}
}

// neverSent says what becomes of a video of which HeyGen lists no render: it is sent,
// unless the database was set back since, and HeyGen is not seen to list what there is.
func (h *Handlers) neverSent(ctx context.Context, run store.Run) (end store.End, found bool) {
	self, err := h.Store.Installation(ctx)
	if err != nil {
		return because(store.NotSent(run, backoff(0, longWait)), err), true
	}
	if run.CreatedAt.After(self.SetBack) {
		return end, false
	}
	proven, err := h.absenceIsProof(ctx, run)
	switch {
	case policy.RefusalIn(err) != nil:
		return because(notSent(run, err), err), true
	case err != nil:
		return because(store.NotSent(run, max(h.SearchInterval, retryAfter(err))), err), true
	case !proven:
		return store.Ambiguous(run, "the database was set back, and may have forgotten that this was sent; HeyGen lists no video with this title token, and has not lately listed another one by its whole title"), true
	}
	return end, false
}

// idempotencyKey is the same for every send of a submission, until a clean
// refusal has used it up: HeyGen would replay the refusal for a day.
func idempotencyKey(run store.Run) string {
	if run.Refusals == 0 {
		return token(run)
	}
	return fmt.Sprintf("%s.r%d", token(run), run.Refusals)
}

// token names a submission.
func token(run store.Run) string { return fmt.Sprintf("%s.%d", run.Video, run.Submission) }

// body is what HeyGen is sent.
func (h *Handlers) body(run store.Run, r jobs.Render, title string) any {
	id, link := run.Video.String(), h.callbackURL(run)
	switch {
	case r.HeyGen != nil:
		return passed(run, r.HeyGen, title, link)
	case r.TemplateID != "":
		return heygen.TemplateVideo{
			Variables: variables(r.Variables), Title: title, Caption: r.Caption, CallbackID: id, CallbackURL: link,
		}
	default:
		return heygen.AvatarVideo{
			AvatarID: r.AvatarID, Script: r.Script, VoiceID: r.VoiceID, AudioURL: r.AudioURL,
			Title: title, Resolution: r.Resolution, AspectRatio: r.AspectRatio, Caption: caption(r.Caption),
			CallbackID: id, CallbackURL: link,
		}
	}
}

// passed is a body that the caller wrote, with what heyq needs to recognise the
// render, and to hear of it.
func passed(run store.Run, given map[string]any, title, link string) map[string]any {
	out := maps.Clone(given)
	out["title"] = title
	if out["type"] == "cinematic_avatar" { // has no callback fields
		return out
	}
	out["callback_id"] = run.Video.String()
	if link != "" {
		out["callback_url"] = link
	}
	return out
}

// callbackURL is where HeyGen tells of this video's end; empty if it cannot
// reach us.
func (h *Handlers) callbackURL(run store.Run) string {
	if h.CallbackURL == nil {
		return ""
	}
	return h.CallbackURL(run.Video)
}

func caption(wanted bool) *heygen.Caption {
	if !wanted {
		return nil
	}
	return &heygen.Caption{FileFormat: "srt"}
}

// variables wraps a string as HeyGen's text variable; an object goes as it is.
func variables(given map[string]any) map[string]any {
	out := make(map[string]any, len(given))
	for name, value := range given {
		if text, ok := value.(string); ok {
			value = map[string]any{"type": "text", "properties": map[string]any{"content": text}}
		}
		out[name] = value
	}
	return out
}
