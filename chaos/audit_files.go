package chaos

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"heyq/media"
)

// I4: each completed video's file is the one that HeyGen made, whole and
// playable, and nothing half done lies beside it.
func (e evidence) filesAreGood() Invariant {
	i := Invariant{Name: "I4", Promise: "every file is good"}
	made := map[string]string{} // SHA-256 by HeyGen's id
	for _, render := range e.ledger.Renders {
		made[render.VideoID] = render.SHA256
	}
	checked := 0
	for id, v := range e.rows {
		if v.State != "completed" {
			continue
		}
		checked++
		if err := v.checkFile(filepath.Join(e.media, filepath.FromSlash(v.MediaPrefix), media.VideoName), made[v.HeyGenID]); err != nil {
			i.breach(fmt.Sprintf("%s: %v", id, err))
		}
	}
	for _, path := range unfinished(e.media) {
		if !e.orphaned(path) {
			i.breach("left in the media folder: " + path)
		}
	}
	i.Checked = count(checked, "file")
	return i
}

// orphaned reports whether a file lies in a run's folder that no row points to.
// Who dies while publishing leaves one, and store:sweep removes it as a whole.
func (e evidence) orphaned(path string) bool {
	prefix, err := filepath.Rel(e.media, filepath.Dir(path))
	if err != nil {
		return false
	}
	prefix = filepath.ToSlash(prefix) + "/"
	id, err := uuid.Parse(strings.Split(strings.TrimPrefix(prefix, "videos/"), "/")[0])
	return err == nil && e.rows[id].MediaPrefix != prefix
}

func (v row) checkFile(path, made string) error {
	if v.File == nil || v.MediaPrefix == "" {
		return fmt.Errorf("the row knows no file")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, f)
	if err != nil {
		return err
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	switch {
	case size != v.File.Bytes:
		return fmt.Errorf("has %d bytes; the row says %d", size, v.File.Bytes)
	case sum != v.File.SHA256:
		return fmt.Errorf("has the SHA-256 %s; the row says %s", sum, v.File.SHA256)
	case made != "" && sum != made:
		return fmt.Errorf("has the SHA-256 %s; HeyGen made %s", sum, made)
	}
	_, err = media.Probe(context.Background(), path)
	return err
}

// unfinished lists what a process began to write under root and did not end.
func unfinished(root string) (paths []string) {
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (strings.HasSuffix(path, ".part") || strings.HasSuffix(path, ".tmp")) {
			paths = append(paths, path)
		}
		return nil
	})
	return paths
}
