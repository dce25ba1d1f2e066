package simulator

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxAsset is the largest file that POST /v3/assets takes.
const maxAsset = 32 << 20

// asset is an uploaded file. Its bytes are in memory, or in the folder.
type asset struct {
	ID   string `json:"id"`
	Kind string `json:"kind"` // MIME type
	Size int    `json:"size"`

	data []byte // nil if they are in the folder
}

// assetKinds are the types that HeyGen takes.
var assetKinds = map[string]bool{
	"image/png": true, "image/jpeg": true, "video/mp4": true, "video/webm": true, "audio/mpeg": true,
	"audio/wave": true, "application/pdf": true, "application/x-subrip": true,
}

func (s *Simulator) readAsset(r *http.Request) (draft, *problem) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxAsset+1<<20) // the file and its envelope
	file, header, err := r.FormFile("file")
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, assetTooLarge()
	}
	if err != nil {
		return nil, invalid("file", "Field required")
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil || len(data) > maxAsset {
		return nil, assetTooLarge()
	}
	kind := assetKind(header.Filename, data)
	if !assetKinds[kind] {
		return nil, invalid("file", "Unsupported file type. Supported: png, jpeg, mp4, webm, mp3, wav, pdf, srt.")
	}

	a := &asset{ID: newID(), Kind: kind, Size: len(data), data: data}
	if err := s.state.keepAsset(a); err != nil {
		s.opts.Logger.Error().Err(err).Msg("simulator cannot keep an asset")
		return nil, internalError()
	}
	return func(*state, time.Time) (*record, answer) {
		return &record{Asset: a}, success(struct {
			AssetID   string `json:"asset_id"`
			URL       string `json:"url"`
			MimeType  string `json:"mime_type"`
			SizeBytes int    `json:"size_bytes"`
		}{a.ID, s.base(r) + "/assets/" + a.ID, a.Kind, a.Size})
	}, nil
}

// serveAsset serves an upload at its public URL.
func (s *Simulator) serveAsset(w http.ResponseWriter, r *http.Request) {
	a, ok := s.state.asset(r.PathValue("asset_id"))
	if !ok {
		refuseFile(w, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		return
	}
	w.Header().Set("Content-Type", a.Kind)
	if a.data == nil {
		http.ServeFile(w, r, s.state.assetPath(a.ID))
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.data))
}

// assetKind tells a file's type by its content; a subtitle file, which looks
// like any text, by its name.
func assetKind(name string, data []byte) string {
	kind, _, _ := strings.Cut(http.DetectContentType(data), ";")
	if kind == "text/plain" && strings.EqualFold(filepath.Ext(name), ".srt") {
		return "application/x-subrip"
	}
	return kind
}

func assetTooLarge() *problem {
	return &problem{status: http.StatusRequestEntityTooLarge, code: "payload_too_large", message: "File exceeds the 32 MB limit.", param: "file"}
}

func (st *state) asset(id string) (*asset, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	a, ok := st.assets[id]
	return a, ok
}

// assetPath is where the folder keeps an asset; ids are made here and are hexadecimal.
func (st *state) assetPath(id string) string { return filepath.Join(st.dir, "assets", id) }

// keepAsset writes the bytes to the folder, before the record that names them.
func (st *state) keepAsset(a *asset) error {
	if st.dir == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(st.dir, "assets"), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(st.assetPath(a.ID), a.data, 0o600); err != nil {
		return err
	}
	a.data = nil
	return nil
}
