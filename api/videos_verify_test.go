package api_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/api"
	"heyq/store"
	"heyq/wire"
)

// spoil changes the one published file of that name.
func (h *house) spoil(t *testing.T, id uuid.UUID, name string, change func(path string) error) {
	t.Helper()
	v, err := h.store.Video(t.Context(), store.Everyone(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := change(filepath.Join(h.dir, "media", v.MediaPrefix, name)); err != nil {
		t.Fatal(err)
	}
}

func empty(path string) error { return os.Truncate(path, 0) }

// A file that is lost is no reason to try again, and never an empty answer: it says
// how the file comes back.
func TestVideoFile_is_lost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file string
		change     func(string) error
		words      string
	}{
		{"gone", "video.mp4", os.Remove, "is gone from the media store"},
		{"empty", "video.mp4", empty, "has 0 bytes in the media store"},
		{"the thumbnail", "thumbnail.jpg", os.Remove, "is gone from the media store"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			id := h.completed(t)
			h.spoil(t, id, c.file, c.change)
			target := "/v1/videos/" + id.String() + "/" + map[string]string{"video.mp4": "file", "thumbnail.jpg": "thumbnail"}[c.file]
			for _, header := range [][]string{nil, {"Range", "bytes=0-3"}} {
				p := h.must(t, http.StatusGone, "GET", target, "", header...).problem(t)
				if !strings.Contains(p.Detail, c.words) || !strings.Contains(p.Detail, "/refetch") || !strings.Contains(p.Detail, "nothing is paid") {
					t.Errorf("it says %q", p.Detail)
				}
			}
			if err := h.store.HeyGenDeleted(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if p := h.must(t, http.StatusGone, "GET", target, "").problem(t); !strings.Contains(p.Detail, "HeyGen has no copy of it any more") {
				t.Errorf("it says %q", p.Detail)
			}
		})
	}
}

func TestVerifyVideo_and_refetch(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.completed(t)
	video := "/v1/videos/" + id.String()
	verify := func() (v wire.Verification) {
		h.must(t, http.StatusOK, "POST", video+"/verify", "").decode(t, &v)
		return v
	}
	if v := verify(); v.ID != id.String() || !v.Whole {
		t.Errorf("got %+v", v)
	}
	h.must(t, http.StatusConflict, "POST", video+"/refetch", "").problem(t)
	for name, change := range map[string]func(string) error{
		"video.mp4": func(path string) error {
			return os.WriteFile(path, []byte(strings.ToUpper(movie)), 0o600)
		},
		"thumbnail.jpg": os.Remove,
	} {
		fresh := h.completed(t)
		h.spoil(t, fresh, name, change)
		var v wire.Verification
		h.must(t, http.StatusOK, "POST", "/v1/videos/"+fresh.String()+"/verify", "").decode(t, &v)
		if v.Whole || v.Message == "" {
			t.Errorf("%s: got %+v", name, v)
		}
	}
	h.spoil(t, id, "video.mp4", os.Remove)
	if v := verify(); v.Whole {
		t.Errorf("got %+v", v)
	}
	var changed struct {
		State   store.State
		Message string
	}
	h.must(t, http.StatusAccepted, "POST", video+"/refetch", "").decode(t, &changed)
	if changed.State != store.Downloading || !strings.Contains(changed.Message, "nothing is paid") {
		t.Errorf("got %+v", changed)
	}
	h.must(t, http.StatusNotFound, "POST", video+"/refetch", "") // it is on its way
	h.must(t, http.StatusNotFound, "POST", video+"/verify", "")
	waiting := h.completed(t)
	h.spoil(t, waiting, "video.mp4", os.Remove)
	if err := h.store.HeyGenDeleted(t.Context(), waiting); err != nil {
		t.Fatal(err)
	}
	p := h.must(t, http.StatusConflict, "POST", "/v1/videos/"+waiting.String()+"/refetch", "").problem(t)
	if !strings.Contains(p.Detail, "HeyGen has no copy") {
		t.Errorf("it says %q", p.Detail)
	}
	away := open(t, func(o *api.Options) { o.Files = awayFiles{} })
	h.must(t, http.StatusNotFound, "POST", "/v1/videos/"+uuid.NewString()+"/verify", "")
	away.must(t, http.StatusServiceUnavailable, "POST", "/v1/videos/"+away.completed(t).String()+"/refetch", "").problem(t)
}
