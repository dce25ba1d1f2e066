package handlers

import (
	"cmp"
	"context"
	"fmt"

	"heyq/heygen"
	"heyq/jobs"
	"heyq/media"
	"heyq/store"
)

// downloadVideos fetches finished videos, checks them and publishes them.
func (h *Handlers) downloadVideos(ctx context.Context, task jobs.VideoTask) error {
	return h.runVideos(ctx, task, recipe{step: store.Download, queue: jobs.DownloadQueue, one: h.downloadVideo, prefetch: true})
}

// downloadVideo publishes a file that is whole, playable and as promised, under this
// run's own prefix, or leaves nothing that a row points to. A file that is not as
// promised, however often it is fetched, is kept for a person.
func (h *Handlers) downloadVideo(ctx context.Context, run store.Run, _ sendDeadline) store.End {
	inTime, stop := h.within(ctx, jobs.DownloadQueue)
	defer stop()
	failed := func(err error) store.End {
		err = h.tooLong(inTime, jobs.DownloadQueue, err)
		return because(h.downloadFailed(ctx, run, err), err)
	}
	if end, ok := h.stillThere(inTime, run); ok {
		return end
	}
	links, err := h.freshLinks(inTime, run)
	if err != nil {
		return failed(err)
	}
	render, err := jobs.ReadRender(run.Request)
	if err != nil {
		return failed(err)
	}
	promised := promiseOf(render, links)
	link, broken := promised.film(links)
	if broken != "" && again(run) {
		return fetchAgain(run, broken)
	}
	spooled, err := h.fetch(inTime, media.Source{URL: link, MaxBytes: h.MaxVideoBytes})
	if err != nil {
		return failed(err)
	}
	defer func() { _ = spooled.Remove() }()
	facts, err := media.Probe(inTime, spooled.Path)
	if err != nil {
		return failed(err)
	}
	broken = cmp.Or(broken, promised.broken(facts))
	if broken != "" && again(run) {
		return fetchAgain(run, broken)
	}
	prefix, file, err := h.publish(inTime, run, links, spooled, facts)
	if err != nil {
		return failed(err)
	}
	if broken != "" {
		err := notAsPromised(broken)
		return because(store.Doubted(run, prefix, file, err.Error()), err)
	}
	return store.Downloaded(run, prefix, file)
}

// again reports whether a file that is not as promised is fetched once more. An
// attempt that failed for another reason counts as well.
func again(run store.Run) bool { return run.Attempt < len(promiseWaits) }

func fetchAgain(run store.Run, broken string) store.End {
	return because(store.StepFailed(run, promiseWaits[run.Attempt]), notAsPromised(broken))
}

func notAsPromised(broken string) error {
	return fmt.Errorf("the film is not as promised: %s", broken)
}

// stillThere ends the refetch of a file that is whole after all: the media store was
// away, or a person has put the file back.
func (h *Handlers) stillThere(ctx context.Context, run store.Run) (store.End, bool) {
	if run.File == nil || h.Media.Verify(ctx, run.MediaPrefix, run.File.Bytes, run.File.SHA256) != nil {
		return store.End{}, false
	}
	return store.Downloaded(run, run.MediaPrefix, *run.File), true
}

// fetch streams the file into the spool.
func (h *Handlers) fetch(ctx context.Context, from media.Source) (*media.Spooled, error) {
	ctx, span := h.Tracer.Start(ctx, "fetch")
	defer span.End()
	spooled, err := h.Media.Fetch(ctx, from)
	span.Failed(plain(err))
	return spooled, err
}

// freshLinks asks for links right before they are used: they expire. A video
// that is completed and has none yet is not done.
func (h *Handlers) freshLinks(ctx context.Context, run store.Run) (heygen.Video, error) {
	v, err := h.HeyGen.Videos.Get(ctx, run.HeyGenID)
	if err != nil {
		return v, err
	}
	h.noteTitle(ctx, run, v)
	switch {
	case v.Status.Dead():
		return v, dead(v)
	case v.VideoURL == "":
		return v, errNoLink
	}
	return v, nil
}
