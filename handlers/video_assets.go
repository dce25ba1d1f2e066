package handlers

import (
	"context"
	"slices"
	"sync"
	"time"

	"heyq/heygen"
	"heyq/internal/logkey"
	"heyq/internal/policy"
	"heyq/media"
	"heyq/store"
)

// assetTime is how long a finished video waits for its thumbnail and captions.
const assetTime = 10 * time.Second

// assets fetches what HeyGen gives with a video, side by side. Thumbnail and
// captions are worth having, and not worth failing or waiting for: what has not
// come within assetTime is not published. The caller removes the files.
func (h *Handlers) assets(ctx context.Context, run store.Run, links heygen.Video) []media.File {
	wanted := []struct{ name, url string }{
		{media.ThumbnailName, links.ThumbnailURL},
		{media.CaptionsName, links.SubtitleURL},
	}
	fetched := make([]media.File, len(wanted))
	var all sync.WaitGroup
	for i, file := range wanted {
		if file.url == "" {
			continue
		}
		all.Go(func() {
			fetched[i], _ = policy.Else(ctx, h.assetTime, media.File{}, func(ctx context.Context) (media.File, error) {
				return h.fetchAsset(ctx, run, file.name, file.url)
			})
		})
	}
	all.Wait()
	return slices.DeleteFunc(fetched, func(f media.File) bool { return f.Path == "" })
}

// fetchAsset returns no file if it cannot have it.
func (h *Handlers) fetchAsset(ctx context.Context, run store.Run, name, url string) (media.File, error) {
	const most = 32 << 20
	spooled, err := h.Media.Fetch(ctx, media.Source{URL: url, MaxBytes: most})
	if err != nil {
		about(h.Log.Debug(), run.Video, run.Origin).Str(logkey.Error, plain(err)).Str(logkey.File, name).Msg("published without it")
		return media.File{}, err
	}
	return media.File{Name: name, Path: spooled.Path}, nil
}

func has(files []media.File, name string) bool {
	return slices.ContainsFunc(files, func(f media.File) bool { return f.Name == name })
}

// removeSpooled removes what publishing left in the spool.
func removeSpooled(files []media.File) {
	for _, f := range files {
		_ = (&media.Spooled{Path: f.Path}).Remove()
	}
}
