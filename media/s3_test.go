package media_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"heyq/media"
)

// TestPublish_to_S3 speaks S3's own protocol, to a server that knows as much of
// it as one upload takes: the request is one whole PUT with the right type.
func TestPublish_to_S3(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, strings.Join([]string{r.Method, r.URL.Path, r.Header.Get("Content-Type")}, " "))
		if r.Method == http.MethodPut && !strings.Contains(string(body), "Hello") {
			t.Errorf("the body is %q", body)
		}
		w.Header().Set("ETag", `"x"`)
	}))
	t.Cleanup(server.Close)
	url := "s3://shelf?region=us-east-1&anonymous=true&use_path_style=true&disable_https=true&endpoint=" + server.URL
	l, _ := newLibrary(t, func(o *media.Options) { o.URL = url })
	err := l.Publish(t.Context(), "videos/v/1/", media.File{Name: "script.txt", Data: []byte("Hello")})
	if err != nil {
		t.Fatal(err)
	}
	want := "PUT /shelf/videos/v/1/script.txt text/plain; charset=utf-8"
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want one %q", got, want)
	}
}
