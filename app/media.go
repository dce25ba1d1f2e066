package app

import (
	"context"
	"path/filepath"

	"heyq/media"
)

func (a *App) openMedia(ctx context.Context) error {
	url, err := a.config.MediaURL()
	if err != nil {
		return err
	}
	a.media, err = media.Open(ctx, media.Options{
		URL:   url,
		Spool: filepath.Join(a.config.Store.Dir, "spool"),
	})
	if err != nil {
		return err
	}
	a.onClose(a.media.Close)
	a.where.Media = url
	return nil
}
