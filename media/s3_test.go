package media_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"heyq/media"
)

// shop is a server that knows as much of S3 as one bucket takes. It is no Amazon:
// it refuses the checksums that the SDK sends by default.
type shop struct {
	t       *testing.T
	refuse  func(w http.ResponseWriter, r *http.Request) bool // answers by itself, where true
	mu      sync.Mutex
	objects map[string]string
	types   map[string]string
	uploads map[string]time.Time // in parts and not ended, by their id
	parts   map[string]string    // of all uploads, by the upload's id and the part's number
	asked   []string
}

// newShop returns a library on a bucket of it.
func newShop(t *testing.T) (*shop, *media.Library) {
	t.Helper()
	s := &shop{t: t, objects: map[string]string{}, types: map[string]string{}, uploads: map[string]time.Time{}, parts: map[string]string{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	l, _ := newLibrary(t, func(o *media.Options) {
		o.URL = "s3://shelf?region=us-east-1&anonymous=true&use_path_style=true&disable_https=true&endpoint=" + server.URL
	})
	return s, l
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/shelf"), "/")
	s.asked = append(s.asked, r.Method+" "+r.URL.Path)
	if s.refuse != nil && s.refuse(w, r) {
		return
	}
	query := r.URL.Query()
	switch {
	case (r.Method == http.MethodPut || r.Method == http.MethodPost) && checksummed(r.Header):
		fail(w, http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented.")
	case r.Method == http.MethodPut:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			s.t.Error(err)
		}
		w.Header().Set("ETag", `"x"`)
		if id := query.Get("uploadId"); id != "" {
			s.parts[id+"/"+query.Get("partNumber")] = string(body)
			return
		}
		s.objects[key], s.types[key] = string(body), r.Header.Get("Content-Type")
	case r.Method == http.MethodPost && query.Has("uploads"):
		id := fmt.Sprintf("upload-%d", len(s.uploads)+1)
		s.uploads[id], s.types[key] = time.Now(), r.Header.Get("Content-Type")
		_, _ = fmt.Fprintf(w, "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>", id)
	case r.Method == http.MethodPost && query.Has("uploadId"):
		s.complete(w, r, key, query.Get("uploadId"))
	case r.Method == http.MethodGet && query.Has("uploads"):
		s.listUploads(w, query.Get("prefix"))
	case r.Method == http.MethodGet && query.Has("list-type"):
		_, _ = io.WriteString(w, "<ListBucketResult></ListBucketResult>")
	case r.Method == http.MethodDelete && query.Has("uploadId"):
		if _, ok := s.uploads[query.Get("uploadId")]; !ok {
			fail(w, http.StatusNotFound, "NoSuchUpload", "it has ended")
			return
		}
		delete(s.uploads, query.Get("uploadId"))
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodDelete:
		delete(s.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		s.get(w, key)
	}
}

// complete makes an object of the parts that are named.
func (s *shop) complete(w http.ResponseWriter, r *http.Request, key, id string) {
	var named struct {
		Part []struct{ PartNumber int }
	}
	if err := xml.NewDecoder(r.Body).Decode(&named); err != nil {
		s.t.Error(err)
	}
	var whole strings.Builder
	for _, part := range named.Part {
		whole.WriteString(s.parts[fmt.Sprintf("%s/%d", id, part.PartNumber)])
	}
	s.objects[key] = whole.String()
	delete(s.uploads, id)
	_, _ = io.WriteString(w, `<CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>`)
}

func (s *shop) get(w http.ResponseWriter, key string) {
	content, ok := s.objects[key]
	if !ok {
		fail(w, http.StatusNotFound, "NoSuchKey", "there is none")
		return
	}
	w.Header().Set("ETag", `"x"`)
	w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
	_, _ = io.WriteString(w, content)
}

func (s *shop) listUploads(w http.ResponseWriter, prefix string) {
	type upload struct {
		Key, UploadId string //nolint:revive // S3's name
		Initiated     time.Time
	}
	var list struct {
		XMLName xml.Name `xml:"ListMultipartUploadsResult"`
		Upload  []upload
	}
	for id, at := range s.uploads {
		list.Upload = append(list.Upload, upload{prefix + "v/1/video.mp4", id, at})
	}
	_ = xml.NewEncoder(w).Encode(list)
}

// checksummed is true of an upload with what only Amazon's S3 is known to take.
func checksummed(h http.Header) bool {
	for name := range h {
		if strings.HasPrefix(name, "X-Amz-Checksum-") || name == "X-Amz-Trailer" {
			return true
		}
	}
	return strings.Contains(h.Get("Content-Encoding"), "aws-chunked")
}

func fail(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
}

// TestPublish_to_S3 speaks S3's own protocol: one whole PUT with the right type, and
// nothing that a store of another make refuses.
func TestPublish_to_S3(t *testing.T) {
	t.Parallel()
	s, l := newShop(t)
	if err := l.Publish(t.Context(), "videos/v/1/", media.File{Name: "script.txt", Data: []byte("Hello")}); err != nil {
		t.Fatal(err)
	}
	const key = "videos/v/1/script.txt"
	if s.objects[key] != "Hello" || s.types[key] != "text/plain; charset=utf-8" {
		t.Errorf("there is %q of type %q", s.objects[key], s.types[key])
	}
	if want := []string{"PUT /shelf/" + key}; !slices.Equal(s.asked, want) {
		t.Errorf("asked %q, want %q", s.asked, want)
	}
}

// A film is larger than what goes in one PUT, and its parts carry no checksums either.
func TestPublish_to_S3_in_parts(t *testing.T) {
	t.Parallel()
	s, l := newShop(t)
	film := bytes.Repeat([]byte("sixteen letters "), 20<<20/16)
	path := filepath.Join(t.TempDir(), media.VideoName)
	writeFile(t, path, film)
	if err := l.Publish(t.Context(), "videos/v/1/", media.File{Name: media.VideoName, Path: path}); err != nil {
		t.Fatal(err)
	}
	const key = "videos/v/1/video.mp4"
	if s.objects[key] != string(film) || s.types[key] != "video/mp4" {
		t.Errorf("there are %d bytes of type %q, want %d", len(s.objects[key]), s.types[key], len(film))
	}
	if len(s.parts) < 2 || len(s.uploads) > 0 {
		t.Errorf("it came in %d parts, and not ended are %v", len(s.parts), s.uploads)
	}
}

func TestTryWrite_on_S3(t *testing.T) {
	t.Parallel()
	forbidden := func(method string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			probe := strings.Contains(r.URL.Path, "heyq-probe-")
			if probe && r.Method == method {
				fail(w, http.StatusForbidden, "AccessDenied", "you may not")
			}
			return probe && r.Method == method
		}
	}
	for name, c := range map[string]struct {
		refuse  func(http.ResponseWriter, *http.Request) bool
		fails   bool
		refuses bool
	}{
		"all well":           {nil, false, false},
		"may not be written": {forbidden(http.MethodPut), true, true},
		"may not be read":    {forbidden(http.MethodGet), true, true},
		"may not be deleted": {forbidden(http.MethodDelete), true, true},
		"gives another's bytes": {func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "heyq-probe-") {
				return false
			}
			_, _ = io.WriteString(w, "other")
			return true
		}, true, false},
		"is not there": {func(w http.ResponseWriter, _ *http.Request) bool {
			fail(w, http.StatusNotFound, "NoSuchBucket", "there is none")
			return true
		}, true, true},
		"is down": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, l := newShop(t)
			s.refuse = c.refuse
			err := l.TryWrite(t.Context())
			if (err != nil) != c.fails || media.Refuses(err) != c.refuses {
				t.Errorf("got %v, which refuses: %t", err, media.Refuses(err))
			}
			if !c.fails && len(s.objects) > 0 {
				t.Errorf("left behind: %v", s.objects)
			}
		})
	}
}

func TestAbortUploads(t *testing.T) {
	t.Parallel()
	s, l := newShop(t)
	now := time.Now()
	s.uploads = map[string]time.Time{"old": now.Add(-25 * time.Hour), "older": now.Add(-240 * time.Hour), "young": now.Add(-23 * time.Hour)}
	n, err := l.AbortUploads(t.Context(), now.Add(-24*time.Hour))
	if _, kept := s.uploads["young"]; n != 2 || err != nil || len(s.uploads) != 1 || !kept {
		t.Errorf("gave up %d, %v; left are %v", n, err, s.uploads)
	}
	s.refuse = func(w http.ResponseWriter, _ *http.Request) bool {
		fail(w, http.StatusForbidden, "AccessDenied", "you may not")
		return true
	}
	if _, err := l.AbortUploads(t.Context(), now); !media.Refuses(err) {
		t.Errorf("got %v", err)
	}
	folder, _ := newLibrary(t)
	if n, err := folder.AbortUploads(t.Context(), now); n != 0 || err != nil {
		t.Errorf("of a folder: %d, %v", n, err)
	}
}
