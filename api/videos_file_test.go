package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/api"
	"heyq/media"
	"heyq/store"
)

func TestVideoFile(t *testing.T) {
	t.Parallel()
	h := open(t)
	file := "/v1/videos/" + h.completed(t).String() + "/file"
	const etag = `"` + sum + `"`
	for _, c := range []struct {
		name   string
		method string
		header []string
		status int
		body   string
		want   map[string]string
	}{
		{"whole", "GET", nil, 200, movie, map[string]string{
			"X-Content-Type-Options": "nosniff",
			"Content-Type":           "video/mp4", "ETag": etag, "Accept-Ranges": "bytes", "Content-Length": fmt.Sprint(len(movie)),
		}},
		{"head", "HEAD", nil, 200, "", map[string]string{"Content-Type": "video/mp4", "Content-Length": fmt.Sprint(len(movie))}},
		{"first bytes", "GET", []string{"Range", "bytes=0-3"}, 206, movie[:4], map[string]string{
			"Content-Range": fmt.Sprintf("bytes 0-3/%d", len(movie)), "Content-Type": "video/mp4",
		}},
		{"the rest", "GET", []string{"Range", "bytes=10-", "If-Range", etag}, 206, movie[10:], nil},
		{"the rest of another file", "GET", []string{"Range", "bytes=10-", "If-Range", `"other"`}, 200, movie, nil},
		{"beyond the end", "GET", []string{"Range", "bytes=1000-"}, 416, "invalid range: failed to overlap\n", nil},
		{"not modified", "GET", []string{"If-None-Match", etag}, 304, "", map[string]string{"ETag": etag}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := h.must(t, c.status, c.method, file, "", c.header...)
			equal(t, "body", got.body, c.body)
			for name, value := range c.want {
				equal(t, name, got.header.Get(name), value)
			}
		})
	}
}

func TestVideoThumbnail(t *testing.T) {
	t.Parallel()
	h := open(t)
	got := h.must(t, http.StatusOK, "GET", "/v1/videos/"+h.completed(t).String()+"/thumbnail", "")
	equal(t, "body", got.body, picture)
	equal(t, "Content-Type", got.header.Get("Content-Type"), "image/jpeg")
	if got.header.Get("ETag") == "" {
		t.Error("there is no ETag")
	}
}

func TestVideoCaptions(t *testing.T) {
	t.Parallel()
	h := open(t)
	got := h.must(t, http.StatusOK, "GET", "/v1/videos/"+h.completed(t).String()+"/captions", "")
	equal(t, "body", got.body, captions)
	equal(t, "Content-Type", got.header.Get("Content-Type"), "application/x-subrip")
	h.must(t, http.StatusNotFound, "GET", "/v1/videos/"+h.queued(t).String()+"/captions", "")
}

// What is to be said is known from the first moment on, and of some videos never.
func TestVideoScript(t *testing.T) {
	t.Parallel()
	h := open(t)
	got := h.must(t, http.StatusOK, "GET", "/v1/videos/"+h.queued(t).String()+"/script", "")
	equal(t, "body", got.body, "Hello Ada!")
	equal(t, "Content-Type", got.header.Get("Content-Type"), "text/plain; charset=utf-8")
	var made changed
	h.must(t, http.StatusAccepted, "POST", "/v1/videos", `{"template_id":"template_1"}`).decode(t, &made)
	h.must(t, http.StatusNotFound, "GET", "/v1/videos/"+made.ID+"/script", "")
}

// A file that was kept for its time is not a file that is still to come.
func TestVideoFile_is_gone(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.completed(t)
	if removed, err := h.store.RemoveVideos(t.Context(), store.Retention{Files: time.Microsecond}, uuid.Nil); err != nil || removed.Files != 1 {
		t.Fatalf("removed %+v, %v", removed, err)
	}
	var v struct {
		State          string
		FilesRemovedAt *time.Time `json:"files_removed_at"`
	}
	h.must(t, http.StatusOK, "GET", "/v1/videos/"+id.String(), "").decode(t, &v)
	if v.State != "completed" || v.FilesRemovedAt == nil {
		t.Errorf("the video is %s, its files removed at %v", v.State, v.FilesRemovedAt)
	}
	for _, name := range []string{"/file", "/thumbnail", "/captions"} {
		p := h.must(t, http.StatusGone, "GET", "/v1/videos/"+id.String()+name, "").problem(t)
		if !strings.Contains(p.Detail, "HEYQ_KEEP_FILES") {
			t.Errorf("%s: %s", name, p.Detail)
		}
	}
}

// awayFiles is a media store that cannot be reached.
type awayFiles struct{}

func (awayFiles) Open(context.Context, string) (*media.Object, error) {
	return nil, errors.New("dial s3: no route")
}

func (awayFiles) Verify(context.Context, string, int64, string) error {
	return errors.New("dial s3: no route")
}

func TestVideoFile_media_store_down(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.Files = awayFiles{} })
	got := h.must(t, http.StatusServiceUnavailable, "GET", "/v1/videos/"+h.completed(t).String()+"/file", "")
	got.problem(t)
	equal(t, "Retry-After", got.header.Get("Retry-After"), "5")
}

// A real server and client: the bytes arrive, and the write timeout is lifted.
func TestVideoFile_over_a_connection(t *testing.T) {
	t.Parallel()
	h := open(t)
	server := httptest.NewUnstartedServer(h)
	server.Config.WriteTimeout = time.Nanosecond // over before the first byte
	server.Start()
	defer server.Close()
	answer, err := http.Get(server.URL + "/v1/videos/" + h.completed(t).String() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "body", string(body), movie)
}
