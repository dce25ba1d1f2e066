package app

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"heyq/internal/fault"
	"heyq/internal/logkey"
	"heyq/internal/stats"
	"heyq/media"
)

func (a *App) openMedia(ctx context.Context) error {
	where, err := a.config.MediaURL()
	if err != nil {
		return err
	}
	spool := ""
	if a.plays(Worker) { // the others fetch nothing, and need no folder
		spool = filepath.Join(a.config.Store.Dir, "spool")
	}
	a.media, err = media.Open(ctx, media.Options{
		URL:     where,
		Spool:   spool,
		Private: sameHost(a.config.HeyGen.URL),
		Stall:   a.config.Media.Stall,
		// A link that is not served is an answer: a fresh one may be.
		Observe: a.observer(stats.FileOperation), Wrap: a.wrapDownloads,
		Policies: media.Policies{
			Hosts:   a.policies.Hosts("files"),
			Store:   a.policies.Breaker("media"),
			Retry:   a.policies.Retry("files", media.FetchTries, backoff(a.config.Policy)),
			Timeout: a.policies.Timeout("media", a.config.Policy.MediaTimeout),
		},
	})
	if err != nil {
		return err
	}
	a.onClose(a.media.Close)
	a.where.Media = where
	if a.plays(Worker) {
		return a.tryMedia(ctx)
	}
	return nil
}

// tryTime is how long the media store may take to be tried.
const tryTime = 10 * time.Second

// tryMedia writes to the media store before the first render is paid for: one that
// refuses would have all of them fail. One that is away may come back.
func (a *App) tryMedia(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	err := a.media.TryWrite(ctx)
	if media.Refuses(err) {
		return mediaRefuses(a.where.Media, err)
	}
	if err != nil {
		a.log.Warn().Err(err).Msg("the media store could not be tried; heyq starts all the same, and downloads wait for it")
	}
	return nil
}

// mediaRefuses returns the error of a media store that does not accept heyq's requests.
func mediaRefuses(where string, err error) error {
	return fault.Wrap(err, fault.Invalid, "the media store at %s refuses what heyq writes: %v", where, err).
		WithHint("this user, or these credentials, must be able to write, read, list and delete there; " +
			"of a store that is not Amazon's give the endpoint in HEYQ_MEDIA_URL, so that it is sent no checksums that only Amazon's knows")
}

// wrapDownloads leads downloads to the simulator if it runs inside, and counts
// them.
func (a *App) wrapDownloads(next http.RoundTripper) http.RoundTripper {
	if a.inside != nil {
		next = &inside{simulator: a.inside, next: next}
	}
	if count := a.counted("download", stats.Overloaded); count != nil {
		next = count(next)
	}
	return next
}

// sameHost reports whether a host is that of a URL. A HeyGen at a private address,
// as a simulator is, gives links to itself.
func sameHost(base string) func(host string) bool {
	u, err := url.Parse(base)
	return func(host string) bool { return err == nil && host == u.Host }
}

// spoolSweep is how often a worker looks for what dead processes left in the spool.
const spoolSweep = time.Minute

// sweepSpool removes what earlier downloads left in the spool, at start and then regularly
// until ctx ends.
func (a *App) sweepSpool(ctx context.Context) error {
	ticker := time.NewTicker(spoolSweep)
	defer ticker.Stop()
	for {
		parts, err := a.media.SweepSpool(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			a.log.Warn().Err(err).Msg("the spool could not be swept")
		case parts > 0:
			a.log.Info().Int(logkey.Parts, parts).Msg("downloads of processes that have ended were removed")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
