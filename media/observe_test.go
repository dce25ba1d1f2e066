package media

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestLibrary_has_its_operations_observed(t *testing.T) {
	t.Parallel()
	var names []string
	var failed []error
	l, err := Open(t.Context(), Options{
		URL: t.TempDir(), Spool: t.TempDir(),
		Observe: func(name string, err error, took time.Duration) {
			names = append(names, name)
			if err != nil || took < 0 {
				failed = append(failed, err)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	prefix, err := PrefixOf("0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e", 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Publish(t.Context(), prefix, File{Name: VideoName, Data: []byte("video")}); err != nil {
		t.Fatal(err)
	}
	file, err := l.Open(t.Context(), prefix+VideoName)
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	if _, err := l.Open(t.Context(), prefix+"missing.mp4"); err == nil {
		t.Error("a file that is not there was opened")
	}
	for range l.Prefixes(t.Context()) {
		break
	}
	if err := errors.Join(l.Delete(t.Context(), prefix), l.Ping(t.Context())); err != nil {
		t.Fatal(err)
	}
	want := []string{"publish", "open", "open", "list", "delete", "ping"}
	if !slices.Equal(names, want) || len(failed) > 0 {
		t.Errorf("told of %q and the failures %v, want %q", names, failed, want)
	}

	l.tell("publish", context.Canceled, time.Second)
	if len(names) > len(want) {
		t.Error("told of what its caller gave up")
	}
}

func TestLibrary_has_its_downloads_go_through_what_wraps_them(t *testing.T) {
	t.Parallel()
	wrapped := 0
	l, err := Open(t.Context(), Options{
		URL: t.TempDir(), Spool: t.TempDir(),
		Wrap: func(http.RoundTripper) http.RoundTripper {
			wrapped++
			return roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("passed the wrapper") })
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = l.http.Get("http://127.0.0.1/file")
	if wrapped != 1 || err == nil {
		t.Errorf("wrapped %d times, got %v", wrapped, err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
