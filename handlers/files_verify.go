package handlers

import (
	"context"
	"fmt"
	"math/rand/v2"

	"heyq/internal/fault"
	"heyq/media"
	"heyq/store"
)

// The sample of a day: the newest files, of which a power cut would have taken the
// most, and some of any age. It ends early after so many bytes.
const (
	sampleNewest = 50
	sampleOthers = 50
	sampleBytes  = 20 << 30
)

// mostLost is how many files of a sample may be lost for them to be fetched again
// without a person: more are a media store that is not mounted, or another one.
const mostLost = 3

// verifyFiles reads a sample of the published files, and has those that are lost
// fetched again.
func (h *Handlers) verifyFiles(ctx context.Context) (string, error) {
	sample, err := h.sample(ctx)
	if err != nil {
		return "", err
	}
	var verified int
	var bytes int64
	var lost []store.Video
	for _, v := range sample {
		if bytes += v.File.Bytes; bytes > sampleBytes {
			break
		}
		err := h.Media.Verify(ctx, v.MediaPrefix, v.File.Bytes, v.File.SHA256)
		switch {
		case media.Lost(err):
			about(h.Log.Warn(), v.ID, v.Origin).Err(err).Msg("a published file is lost")
			lost = append(lost, v)
		case err != nil:
			return tally("verified", verified, "file"), err
		}
		verified++
	}
	if len(lost) > mostLost {
		return tally("verified", verified, "file"), fmt.Errorf("%d of %d files that were verified are lost, which is too many to be fetched again unasked: "+
			"see that HEYQ_MEDIA_URL is the right place and is mounted, then run heyq videos verify --all --refetch", len(lost), verified)
	}
	return h.refetch(ctx, lost, verified)
}

// refetch has lost files fetched again. A video that has changed meanwhile, or that
// HeyGen has no copy of, is left for people.
func (h *Handlers) refetch(ctx context.Context, lost []store.Video, verified int) (string, error) {
	result, again := tally("verified", verified, "file"), 0
	for _, v := range lost {
		_, err := h.Store.Refetch(ctx, store.Everyone(), v.ID, v.MediaPrefix)
		switch code := fault.CodeOf(err); {
		case err == nil:
			again++
		case code == fault.Conflict || code == fault.NotFound || code == fault.Gone:
			about(h.Log.Error(), v.ID, v.Origin).Err(err).Msg("a lost file is not fetched again")
		default:
			return result, err
		}
	}
	if again > 0 {
		h.Wake()
	}
	if len(lost) > 0 {
		result += fmt.Sprintf(", of which %d were lost and %d are fetched again", len(lost), again)
	}
	return result, nil
}

// sample are the newest completed videos, and a page of the others at random.
func (h *Handlers) sample(ctx context.Context) ([]store.Video, error) {
	completed := store.Filter{State: store.Completed}
	list, _, err := h.Store.Videos(ctx, store.Everyone(), completed, store.Page{Number: 1, Size: sampleNewest})
	if err != nil {
		return nil, err
	}
	counts, err := h.Store.Counts(ctx)
	if err != nil {
		return nil, err
	}
	if pages := (counts[store.Completed] + sampleOthers - 1) / sampleOthers; pages > 1 {
		others, _, err := h.Store.Videos(ctx, store.Everyone(), completed, store.Page{Number: 2 + rand.IntN(pages-1), Size: sampleOthers})
		if err != nil {
			return nil, err
		}
		list = append(list, others...)
	}
	kept := list[:0]
	for _, v := range list {
		if v.File != nil && v.FilesRemovedAt.IsZero() {
			kept = append(kept, v)
		}
	}
	return kept, nil
}
