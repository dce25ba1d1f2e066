package chaos

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"heyq/heygen/simulator"
)

func TestFilesAreGood(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	clip, err := os.ReadFile("../heygen/simulator/clip/clip.mp4")
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte(nil), clip...)
	flipped[len(flipped)-1] ^= 1
	prefix := "videos/" + id.String() + "/3/"
	for _, c := range []struct {
		name   string
		file   []byte
		row    file
		made   string
		beside string // another file, in the media folder
		want   string
	}{
		{"as it should", clip, measured(clip), sum(clip), "", ""},
		{"not the one that was measured", flipped, measured(clip), "", "", "the row says"},
		{"another size", clip[:100], measured(clip), "", "", "has 100 bytes"},
		{"not the one that HeyGen made", flipped, measured(flipped), sum(clip), "", "HeyGen made"},
		{"not playable", []byte("<html>"), measured([]byte("<html>")), "", "", "not a playable MP4"},
		{"something half done beside it", clip, measured(clip), "", prefix + "script.txt.tmp", "script.txt.tmp"},
		{"something half done by a run that died", clip, measured(clip), "", "videos/" + id.String() + "/2/script.txt.tmp", ""},
		{"something that is nobody's", clip, measured(clip), "", "upload.part", "upload.part"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			media := t.TempDir()
			put(t, filepath.Join(media, prefix, "video.mp4"), c.file)
			if c.beside != "" {
				put(t, filepath.Join(media, c.beside), nil)
			}
			e := evidence{
				media:  media,
				rows:   map[uuid.UUID]row{id: {State: "completed", HeyGenID: "a", MediaPrefix: prefix, File: &c.row}},
				ledger: simulator.Ledger{Renders: []simulator.Billed{{VideoID: "a", SHA256: c.made}}},
			}
			wantBreach(t, e.filesAreGood(), c.want)
		})
	}
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

func measured(content []byte) file { return file{int64(len(content)), sum(content)} }

func put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
