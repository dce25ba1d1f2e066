package media

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"heyq/internal/durable"
)

// markKey is beside the folder of the videos, where no prefix lies.
const markKey = "heyq-installation.json"

// mostMark is more than a mark ever has.
const mostMark = 4 << 10

// Mark reads what SetMark has written; nothing: there is none.
func (l *Library) Mark(ctx context.Context) ([]byte, error) {
	o, err := l.openKey(ctx, markKey)
	if notThere(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the mark of the media store: %w", err)
	}
	defer o.Close()
	return io.ReadAll(io.LimitReader(o, mostMark))
}

// SetMark writes whose the media store is, as a file at its root.
func (l *Library) SetMark(ctx context.Context, text []byte) error {
	err := l.quick(ctx, "", func(ctx context.Context) error { return l.shelf.write(ctx, markKey, text) })
	if err != nil {
		return fmt.Errorf("mark the media store: %w", err)
	}
	return nil
}

func (b bucket) write(ctx context.Context, key string, data []byte) error {
	return b.WriteAll(ctx, key, data, nil)
}

// write writes so that it survives a power cut, as all that lies here does.
func (f *folder) write(_ context.Context, key string, data []byte) error {
	path := f.path(key)
	if err := durable.MkdirAll(filepath.Dir(path), folderMode); err != nil {
		return err
	}
	return durable.WriteFile(path, data, fileMode)
}
