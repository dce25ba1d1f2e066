package media

import (
	"context"
	"fmt"
	"path"
	"slices"

	"heyq/internal/fault"
)

// VideoName is the file that Publish writes last: if it stands, the rest
// stands too.
const VideoName = "video.mp4"

// The files that may stand beside a video: its thumbnail and its captions.
const (
	ThumbnailName = "thumbnail.jpg"
	CaptionsName  = "captions.srt"
)

// File is one file to publish: the one at Path, or Data.
type File struct {
	Name        string
	ContentType string // empty: by the name's ending
	Path        string // a local file; a folder may take it over, so it may be gone afterwards
	Data        []byte // used if Path is empty
}

// Publish writes the files under prefix, which is PrefixOf's. Each appears whole
// or not at all, VideoName last, and all of them survive a power cut when it has
// returned (a bucket: by its own promise). After an error some of the files may stand
// there: publish under the next run's prefix instead of mending this one.
func (l *Library) Publish(ctx context.Context, prefix string, files ...File) error {
	if _, ok := parsePrefix(prefix); !ok {
		return fault.New(fault.Invalid, "%q is no prefix to publish under", prefix)
	}
	ordered := slices.Clone(files)
	slices.SortStableFunc(ordered, func(a, b File) int { return rank(a) - rank(b) })
	for i, f := range ordered {
		if !safe(f.Name) {
			return fault.New(fault.Invalid, "%q is no name for a file", f.Name)
		}
		if f.ContentType == "" {
			ordered[i].ContentType = contentType(f.Name)
		}
	}
	err := l.call(ctx, "publish", func(ctx context.Context) error { return l.shelf.publish(ctx, prefix, ordered) })
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

func rank(f File) int {
	if f.Name == VideoName {
		return 1
	}
	return 0
}

const unknownType = "application/octet-stream"

// contentType knows the endings of what heyq publishes. The system's own table
// differs from machine to machine.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".mp4":
		return "video/mp4"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".webp":
		return "image/webp"
	case ".gif":
		return "image/gif"
	case ".srt":
		return "application/x-subrip"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".json":
		return "application/json"
	}
	return unknownType
}
