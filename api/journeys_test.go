package api_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/media"
	"heyq/store"
)

// begin runs the next step of the one video that is due for it.
func (h *house) begin(t *testing.T, step store.Step) store.Run {
	t.Helper()
	var claims []store.Claim
	var err error
	if step == store.Create {
		claims, err = h.store.Admit(t.Context(), 10)
	} else {
		claims, err = h.store.Claim(t.Context(), step, 10)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h.beginClaims(t, step, claims)
}

func (h *house) beginClaims(t *testing.T, step store.Step, claims []store.Claim) store.Run {
	t.Helper()
	runs, err := h.store.Begin(t.Context(), step, claims)
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 1 {
		t.Fatalf("%s began %d times, want once", step, len(runs))
	}
	return runs[0]
}

func (h *house) end(t *testing.T, end store.End) store.Ended {
	t.Helper()
	ended, err := h.store.End(t.Context(), []store.End{end})
	if err != nil {
		t.Fatal(err)
	}
	if len(ended) != 1 {
		t.Fatalf("the end met %d rows, want 1", len(ended))
	}
	return ended[0]
}

// The journeys below bring a new video to where its name says.

func (h *house) queued(t *testing.T) uuid.UUID { return h.create(t) }

func (h *house) submitting(t *testing.T) uuid.UUID {
	id := h.create(t)
	h.begin(t, store.Create)
	return id
}

func (h *house) rendering(t *testing.T) uuid.UUID {
	id := h.create(t)
	h.end(t, store.Accepted(h.begin(t, store.Create), "hg_"+id.String(), 0))
	return id
}

func (h *house) downloading(t *testing.T) uuid.UUID {
	id := h.rendering(t)
	h.end(t, store.Rendered(h.begin(t, store.Poll)))
	return id
}

const (
	movie    = "not really a movie, but bytes all the same"
	picture  = "a picture"
	captions = "1\n00:00:00,000 --> 00:00:04,000\nHello Ada!\n"
	sum      = "f73e6da9694de10865a4a242b6b3212299dde6d22592bcf9dcc73f6d71c1f257"
)

func (h *house) completed(t *testing.T) uuid.UUID {
	t.Helper()
	return h.fetched(t, store.Downloaded)
}

// doubted has its file, which is not as promised.
func (h *house) doubted(t *testing.T) uuid.UUID {
	t.Helper()
	return h.fetched(t, func(r store.Run, prefix string, file store.File) store.End {
		return store.Doubted(r, prefix, file, "it has no sound track")
	})
}

func (h *house) fetched(t *testing.T, end func(store.Run, string, store.File) store.End) uuid.UUID {
	t.Helper()
	id := h.rendering(t)
	next := h.end(t, store.Rendered(h.begin(t, store.Poll))).Next
	run := h.beginClaims(t, store.Download, []store.Claim{*next})
	prefix, err := media.PrefixOf(id.String(), run.Run)
	if err != nil {
		t.Fatal(err)
	}
	err = h.media.Publish(t.Context(), prefix,
		media.File{Name: media.VideoName, Data: []byte(movie)}, media.File{Name: "thumbnail.jpg", Data: []byte(picture)},
		media.File{Name: "captions.srt", Data: []byte(captions)})
	if err != nil {
		t.Fatal(err)
	}
	h.end(t, end(run, prefix, store.File{
		Bytes: int64(len(movie)), SHA256: sum, Duration: 1500 * time.Millisecond, Width: 1920, Height: 1080, Thumbnail: true, Captions: true,
	}))
	return id
}

// refused was turned away by HeyGen before anything could be billed.
func (h *house) refused(t *testing.T) uuid.UUID {
	id := h.create(t)
	failure := store.Failure{Code: "voice_not_found", Message: "no such voice", Step: store.Create}
	h.end(t, store.Refused(h.begin(t, store.Create), failure, 0, nil))
	return id
}

// broken was rendered, and the render failed.
func (h *house) broken(t *testing.T) uuid.UUID {
	id := h.rendering(t)
	h.end(t, store.RenderFailed(h.begin(t, store.Poll), store.Failure{Code: "render_failed", Message: "it broke", Step: store.Poll}))
	return id
}

// unclear needs a person's review.
func (h *house) unclear(t *testing.T) uuid.UUID {
	id := h.create(t)
	h.end(t, store.Ambiguous(h.begin(t, store.Create), "two videos have its token"))
	return id
}

// stranded rendered well, but its file could not be fetched.
func (h *house) stranded(t *testing.T) uuid.UUID {
	id := h.rendering(t)
	next := h.end(t, store.Rendered(h.begin(t, store.Poll))).Next
	run := h.beginClaims(t, store.Download, []store.Claim{*next})
	h.end(t, store.GaveUp(run, store.Failure{Code: "download_failed", Message: "no file", Step: store.Download}, time.Hour))
	return id
}
