package web

import (
	"net/http"

	"heyq/jobs"
	"heyq/people"
	"heyq/store"
)

// about begins a question about a video.
func about(v store.Video) askPage {
	return askPage{ID: v.ID.String(), Name: titled(v), Sub: label(v.State), Back: step{"Back to the video", "/videos/" + v.ID.String()}}
}

// again is what the form sends that was confirmed to pay.
const again = "again"

// askCancel asks whether a video is to be cancelled, and says what that costs.
func (f *Face) askCancel(r *http.Request) (answer, error) {
	v, err := f.findOwn(r)
	if err != nil {
		return answer{}, err
	}
	if v.State.Final() {
		return answer{}, store.ErrEnded(v.ID, v.State)
	}
	page := about(v)
	page.Asks, page.Yes, page.Danger = "Cancel this video?", "Cancel the video", true
	switch {
	case v.State == store.Queued && v.Submission > 1:
		page.Means = "Nothing was sent for this retry. Only what was sent before it may be billed."
	case v.State == store.Queued:
		page.Means = "Nothing was sent yet, and nothing is billed."
	case v.State == store.Submitting:
		page.Means = "The request may have reached HeyGen already. HeyGen knows no cancel: if it has taken the video it may still bill it."
	default:
		page.Means = "HeyGen has begun it, and knows no cancel: it may finish the video and bill it, and you would not have the file."
	}
	return page.answer()
}

func (f *Face) cancelVideo(r *http.Request) (answer, error) {
	v, err := f.findOwn(r)
	if err != nil {
		return answer{}, err
	}
	if _, _, err := f.Client.Cancel(r.Context(), f.Caller(r.Context()).Viewer(), v.ID); err != nil {
		return answer{}, err
	}
	return answer{to: "/videos/" + v.ID.String()}, nil
}

// askRetry asks whether a video is to be tried again, and says what that costs.
func (f *Face) askRetry(r *http.Request) (answer, error) {
	v, err := f.findOwn(r)
	if err != nil {
		return answer{}, err
	}
	if v.State != store.Failed && v.State != store.Cancelled || v.InReview() {
		return answer{}, store.ErrNotEnded(v.ID, v.State)
	}
	render, err := jobs.ReadRender(v.Request)
	if err != nil {
		return answer{}, err
	}
	page := about(v)
	page.Asks, page.Yes = "Try this video again?", "Try again"
	switch {
	case v.Resumable:
		page.Means = "HeyGen has a render of it. That one is resumed, and nothing is paid again."
	case v.MayBeBilled:
		page.Means = "It was sent to HeyGen before, which may have billed it. This is another render, and is paid again: " + f.cost(v, render) + "."
		page.Yes, page.Value, page.Danger = "Pay for another render", again, true
	default:
		page.Means = "Nothing was billed before. This is a new render, and costs " + f.cost(v, render) + "."
	}
	return page.answer()
}

// retryVideo allows a second payment only if the page that was confirmed had said so.
func (f *Face) retryVideo(r *http.Request) (answer, error) {
	v, err := f.findOwn(r)
	if err != nil {
		return answer{}, err
	}
	sent, err := read(r)
	if err != nil {
		return answer{}, err
	}
	if err := f.take(r, people.CreateVideo); err != nil {
		return answer{}, err
	}
	retry := store.Retry{NewRender: sent.Get("value") == again}
	if _, err := f.Client.Retry(r.Context(), f.Caller(r.Context()).Viewer(), v.ID, retry); err != nil {
		return answer{}, err
	}
	return answer{to: "/videos/" + v.ID.String()}, nil
}
