package simulator

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"time"

	"heyq/internal/logkey"
)

// clip is the picture and sound of every video; clip/README.md says how it was made.
//
//go:embed clip/clip.mp4
var clip []byte

// clipSeconds is the true duration of the clip, and so of every video.
const clipSeconds = 4.0

// The files of a video.
const (
	videoFile     = "video.mp4"
	captionedFile = "captioned.mp4"
	thumbnailFile = "thumbnail.jpg"
	captionsFile  = "captions.srt"
)

// serveFile serves a presigned link. It answers 403 if the link is forged or
// expired, and 404 if the video is deleted or not ready. A file never changes.
func (s *Simulator) serveFile(w http.ResponseWriter, r *http.Request) {
	now := s.opts.Clock()
	if !s.links.admits(r, now) {
		refuseFile(w, http.StatusForbidden, "AccessDenied", "Request has expired or its signature does not match")
		return
	}
	v, ok := s.state.render(r.PathValue("video_id"))
	if !ok || v.status(now) != completed {
		refuseFile(w, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		return
	}
	name := r.PathValue("name")
	hit := s.drawFile(r, v, name, now)
	if hit != nil && refusesFile(w, r, hit) {
		return
	}
	f, err := fileOf(v, name)
	if err != nil {
		s.opts.Logger.Error().Err(err).Str(logkey.File, name).Msg("simulator cannot make a file")
		refuseFile(w, http.StatusInternalServerError, "InternalError", "We encountered an internal error.")
		return
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("ETag", `"`+v.ID+"-"+name+`"`)
	w.Header().Set(checksumHeader, base64Sum(f.sum))
	if hit != nil {
		s.spoilFile(w, r, v, name, f, hit)
		return
	}
	f.send(w, r)
}

// file is one file of a video.
type file struct {
	content *io.SectionReader
	kind    string // MIME type
	sum     [sha256.Size]byte
	at      time.Time // of its last change
}

// send answers with the file, or with the part that r asks for.
func (f file) send(w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "", f.at, f.content)
}

// fileOf makes one of a video's files.
func fileOf(v *render, name string) (file, error) {
	switch name {
	case videoFile, captionedFile:
		return movie(v, name), nil
	case thumbnailFile:
		picture, err := thumbnail(v.Title)
		return small(v, picture, "image/jpeg"), err
	case captionsFile:
		return small(v, []byte(subtitles(v.Script)), "application/x-subrip; charset=utf-8"), nil
	default:
		return file{}, errors.New("no such file is ever signed")
	}
}

func small(v *render, content []byte, kind string) file {
	whole := io.NewSectionReader(bytes.NewReader(content), 0, int64(len(content)))
	return file{content: whole, kind: kind, sum: sha256.Sum256(content), at: time.UnixMilli(v.ReadyMS)}
}

// movie is the film with a free box that tells this video's file from every
// other. The film itself is shared, not copied.
func movie(v *render, name string) file { return filmOf(v.Size).movie(v, name) }

func (f *film) movie(v *render, name string) file {
	label := encode(struct {
		VideoID string `json:"video_id"`
		Title   string `json:"title"`
		File    string `json:"file"`
	}{v.ID, v.Title, name})
	box := make([]byte, 8, 8+len(label))
	binary.BigEndian.PutUint32(box, uint32(cap(box)))
	copy(box[4:], "free")
	whole := joined{f.content, append(box, label...)}
	return file{
		content: io.NewSectionReader(whole, 0, whole.size()), kind: "video/mp4",
		sum: f.sum(whole.tail), at: time.UnixMilli(v.ReadyMS),
	}
}

// joined reads two byte slices as one file.
type joined struct{ head, tail []byte }

func (j joined) size() int64 { return int64(len(j.head) + len(j.tail)) }

// ReadAt implements io.ReaderAt.
func (j joined) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < int64(len(j.head)) {
		n = copy(p, j.head[off:])
	}
	if rest := off + int64(n) - int64(len(j.head)); n < len(p) && rest < int64(len(j.tail)) {
		n += copy(p[n:], j.tail[rest:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// refuseFile answers as the object store behind HeyGen's links does: in XML.
func refuseFile(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>"+code+"</Code><Message>"+message+"</Message></Error>")
}
