package api

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/media"
	"heyq/store"
)

func fileOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-video-file",
		Tags:        []string{filesTag},
		Summary:     "Download the video",
		Description: "The finished MP4. `Range`, `If-Range` and `If-None-Match` are honoured; the `ETag` is the file's SHA-256. " +
			"404 where there is no file yet: the problem names the video's state. A video that is under review for its file has it. " +
			"410 where it is kept no longer, or was lost: the problem says how it is fetched again.",
		Responses: map[string]*huma.Response{
			"200": bytesOf("The whole file", "video/mp4"),
			"206": bytesOf("The range that was asked for", "video/mp4"),
			"304": {Description: "Not modified"},
			"416": {Description: "No such range"},
		},
		Errors: []int{http.StatusNotFound, http.StatusGone, http.StatusServiceUnavailable},
	}
}

func thumbnailOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-video-thumbnail",
		Tags:        []string{filesTag},
		Summary:     "Download the thumbnail",
		Description: "The video's picture. 404 where there is none, or none yet. 410 where it is kept no longer, or was lost.",
		Responses:   map[string]*huma.Response{"200": bytesOf("The picture", "image/jpeg"), "304": {Description: "Not modified"}},
		Errors:      []int{http.StatusNotFound, http.StatusGone, http.StatusServiceUnavailable},
	}
}

func captionsOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-video-captions",
		Tags:        []string{filesTag},
		Summary:     "Download the captions",
		Description: "What is said in the video, as SubRip (SRT). 404 where there are none, or none yet. 410 where they are kept no longer.",
		Responses:   map[string]*huma.Response{"200": bytesOf("The captions", "application/x-subrip"), "304": {Description: "Not modified"}},
		Errors:      []int{http.StatusNotFound, http.StatusGone, http.StatusServiceUnavailable},
	}
}

func scriptOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-video-script",
		Tags:        []string{filesTag},
		Summary:     "Read the script",
		Description: "What the avatar was asked to say, in any state of the video. 404 where it was made from no script.",
		Responses:   map[string]*huma.Response{"200": bytesOf("The script", "text/plain; charset=utf-8")},
		Errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type fileOutput struct{ Body func(huma.Context) }

func (s *server) videoFile(ctx context.Context, in *idInput) (*fileOutput, error) {
	return s.fileOf(ctx, in, s.serveVideo)
}

func (s *server) videoThumbnail(ctx context.Context, in *idInput) (*fileOutput, error) {
	return s.fileOf(ctx, in, s.serveThumbnail)
}

func (s *server) videoCaptions(ctx context.Context, in *idInput) (*fileOutput, error) {
	return s.fileOf(ctx, in, s.serveCaptions)
}

// fileOf answers with one of the files of a video that the caller sees.
func (s *server) fileOf(ctx context.Context, in *idInput, serve func(context.Context, store.Video) (*fileOutput, error)) (*fileOutput, error) {
	v, err := s.finished(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return serve(ctx, v)
}

func (s *server) serveVideo(ctx context.Context, v store.Video) (*fileOutput, error) {
	return s.serveFile(ctx, v, media.VideoName, fmt.Sprintf("%q", v.File.SHA256), v.File.Bytes)
}

func (s *server) serveThumbnail(ctx context.Context, v store.Video) (*fileOutput, error) {
	if !v.File.Thumbnail {
		return nil, fault.New(fault.NotFound, "video %s has no thumbnail", v.ID).WithHint("HeyGen gave none")
	}
	// A new file comes with a new thumbnail, so the file's sum names both.
	return s.serveFile(ctx, v, media.ThumbnailName, fmt.Sprintf("%q", v.File.SHA256+".thumbnail"), anySize)
}

func (s *server) serveCaptions(ctx context.Context, v store.Video) (*fileOutput, error) {
	if !v.File.Captions {
		return nil, fault.New(fault.NotFound, "video %s has no captions", v.ID).WithHint("they come where caption is true in the request")
	}
	return s.serveFile(ctx, v, media.CaptionsName, fmt.Sprintf("%q", v.File.SHA256+".captions"), anySize)
}

func (s *server) videoScript(ctx context.Context, in *idInput) (*fileOutput, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	render, err := jobs.ReadRender(v.Request)
	if err != nil {
		return nil, err
	}
	if render.Script == "" {
		return nil, fault.New(fault.NotFound, "video %s was made from no script", v.ID)
	}
	return &fileOutput{func(hc huma.Context) {
		hc.SetHeader("Content-Type", "text/plain; charset=utf-8")
		hc.SetHeader("X-Content-Type-Options", "nosniff")
		hc.SetHeader("Cache-Control", "private, no-cache")
		_, _ = io.WriteString(hc.BodyWriter(), render.Script)
	}}, nil
}

// finished returns a video that has its file, if only for a review.
func (s *server) finished(ctx context.Context, id string) (store.Video, error) {
	v, err := s.find(ctx, id)
	if err == nil {
		err = finished(v)
	}
	return v, err
}

// finished says why a video has no file, if only for a review; nil: it has.
func finished(v store.Video) error {
	if !v.FilesRemovedAt.IsZero() {
		return filesRemoved(v.ID, v.FilesRemovedAt)
	}
	if v.File != nil && (v.State == store.Completed || v.InReview()) {
		return nil
	}
	none := fault.New(fault.NotFound, "video %s has no file: it is %s", v.ID, v.State)
	if v.State.Final() {
		return none.WithAdvice(fault.RetryVideo, v.ID.String())
	}
	return none.WithAdvice(fault.FollowVideo, v.ID.String())
}

func filesRemoved(id uuid.UUID, at time.Time) error {
	return fault.New(fault.Gone, "the files of video %s were removed at %s", id, at.UTC().Format(time.RFC3339)).
		WithHint("they were older than HEYQ_KEEP_FILES allows; create a new video to render it once more")
}

// lost says that a published file is not there any more, and how it comes back.
func lost(v store.Video, name string, err error, format string, args ...any) error {
	gone := fault.Wrap(err, fault.Gone, "%s of video %s %s", name, v.ID, fmt.Sprintf(format, args...))
	if !v.Resumable {
		return gone.WithHint("HeyGen has no copy of it any more; a backup of the media store may have, or create a new video")
	}
	return gone.WithAdvice(fault.RefetchVideo, v.ID.String())
}

// anySize is that of a file whose size the row does not know.
const anySize = -1

// serveFile answers with a published file, by net/http's rules for ranges and
// conditions. One that is not there, or has another size than the row says, is lost:
// to try again would be no help.
func (s *server) serveFile(ctx context.Context, v store.Video, name, etag string, size int64) (*fileOutput, error) {
	file, err := s.files.Open(ctx, v.MediaPrefix+name)
	switch {
	case media.Lost(err):
		return nil, lost(v, name, err, "is gone from the media store")
	case err != nil:
		return nil, unreachable(v.ID, err)
	case size != anySize && file.Size != size:
		_ = file.Close()
		return nil, lost(v, name, nil, "has %d bytes in the media store, and had %d", file.Size, size)
	}
	return &fileOutput{func(hc huma.Context) {
		defer file.Close()
		r, w := humago.Unwrap(hc)
		h := w.Header()
		h.Set("Content-Type", file.ContentType)
		h.Set("X-Content-Type-Options", "nosniff") // it may hold anything
		h.Set("ETag", etag)
		h.Set("Cache-Control", "private, no-cache")
		h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": v.ID.String() + "-" + name}))
		http.ServeContent(&steady{w, http.NewResponseController(w)}, r, name, file.ModTime, file)
	}}, nil
}

// fileStall is how long a client may take for each 32 KiB of a file. A long
// download is no stuck client, and a client that is stuck holds no place for ever.
const fileStall = time.Minute

// steady gives each write its time.
type steady struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Write implements http.ResponseWriter. The error that it drops says that the
// writer has no deadline to move.
func (s *steady) Write(p []byte) (int, error) {
	_ = s.control.SetWriteDeadline(time.Now().Add(fileStall))
	return s.ResponseWriter.Write(p)
}
