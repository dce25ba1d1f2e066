package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/api"
	"heyq/internal/filelink"
	"heyq/jobs"
	"heyq/people"
	"heyq/store"
)

// A link of a notification serves one file to whom it was given, without a key, until it
// has expired, and a wrong one tells nothing.
func TestLinkedFile(t *testing.T) {
	t.Parallel()
	links, err := filelink.New("https://heyq.example.com", "secret")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2030, 12, 31, 9, 0, 0, 0, time.UTC)
	caller := people.Owner()
	h := open(t, as(&caller), func(o *api.Options) { o.FileLinks, o.Now = links, func() time.Time { return now } })
	id, waits := h.completed(t), h.create(t)
	caller = people.Caller{} // a stranger
	until := now.Add(jobs.LinkLife)
	link := func(id uuid.UUID, file string) string {
		return strings.TrimPrefix(links.Of(id, file, until), "https://heyq.example.com")
	}
	for file, want := range map[string]string{jobs.FileLink: movie, jobs.ThumbnailLink: picture, jobs.CaptionsLink: captions} {
		equal(t, file, h.must(t, http.StatusOK, "GET", link(id, file), "").body, want)
	}
	file := link(id, jobs.FileLink)
	equal(t, "a part", h.must(t, http.StatusPartialContent, "GET", file, "", "Range", "bytes=0-3").body, movie[:4])
	head := h.must(t, http.StatusOK, "HEAD", file, "")
	equal(t, "head", head.body+head.header.Get("Content-Length"), fmt.Sprint(len(movie)))
	if strings.Contains(h.log.String(), file[len(file)-64:]) {
		t.Errorf("the log has the signature: %s", h.log)
	}

	absent := h.must(t, http.StatusNotFound, "GET", link(uuid.New(), jobs.FileLink)+"0", "")
	for name, wrong := range map[string]string{
		"of another file":  strings.Replace(file, "/file/", "/captions/", 1),
		"of no file":       strings.Replace(file, "/file/", "/script/", 1),
		"of another video": strings.Replace(file, id.String(), waits.String(), 1),
		"of no video":      strings.Replace(file, id.String(), "x", 1),
		"a later end":      strings.Replace(file, fmt.Sprint(until.Unix()), fmt.Sprint(until.Unix()+1), 1),
		"cut":              file[:len(file)-2],
	} {
		got := h.must(t, http.StatusNotFound, "GET", wrong, "")
		equal(t, name, tidy(got.body, ""), tidy(absent.body, ""))
	}
	h.must(t, http.StatusMethodNotAllowed, "POST", file, "")
	h.must(t, http.StatusNotFound, "GET", link(waits, jobs.FileLink), "") // it has no file yet

	now = until.Add(-time.Second)
	h.must(t, http.StatusOK, "GET", file, "")
	now = until
	equal(t, "expired", tidy(h.must(t, http.StatusNotFound, "GET", file, "").body, ""), tidy(absent.body, ""))

	now = until.Add(-time.Hour)
	if _, err := h.store.RemoveVideos(t.Context(), store.Retention{Files: time.Microsecond}, uuid.Nil); err != nil {
		t.Fatal(err)
	}
	h.must(t, http.StatusGone, "GET", file, "")
}

// Without the secret of the links none is valid.
func TestLinkedFile_without_links(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.must(t, http.StatusNotFound, "GET", fmt.Sprintf("%s/%s/file/%d/%064x", filelink.Path, h.completed(t), 1<<40, 0), "")
}
