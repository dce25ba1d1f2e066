package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"heyq/media"
	"heyq/operate/identity"
)

// unsure is a place of which it cannot be told whose it is.
type unsure struct{ err error }

func (unsure) Name() string                                  { return "the shelf" }
func (u unsure) Mark(context.Context) (identity.Mark, error) { return identity.Mark{}, u.err }
func (unsure) SetMark(context.Context, identity.Mark) error  { return nil }

// What an operator deletes leaves the files of another installation alone.
func TestDeleteFiles_asks_whose_they_are(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	library, err := media.Open(t.Context(), media.Options{URL: filepath.Join(dir, "media"), Spool: filepath.Join(dir, "spool")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = library.Close() })
	prefix, err := media.PrefixOf("01900000-0000-7000-8000-000000000001", 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := library.Publish(t.Context(), prefix, media.File{Name: media.VideoName, Data: []byte("film")}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "media", filepath.FromSlash(prefix), media.VideoName)
	theirs := errors.New("it is another installation's")
	a := &App{media: library, identity: identity.New(identity.Options{Places: []identity.Place{unsure{theirs}}})}
	if err := a.deleteFiles(t.Context(), prefix); !errors.Is(err, theirs) {
		t.Errorf("got %v, want that it is another's", err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the file is gone: %v", err)
	}
	a.identity = identity.New(identity.Options{})
	if err := a.deleteFiles(t.Context(), prefix); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file stands: %v", err)
	}
}
