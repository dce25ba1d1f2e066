package config

import "testing"

func TestFolders_names_each_place_once(t *testing.T) {
	t.Parallel()
	dir, media := t.TempDir(), t.TempDir()
	inside := Config{Store: Store{Dir: dir}}
	if got := inside.Folders(); len(got) != 1 || got[0] != dir {
		t.Errorf("got %v, want the data folder alone", got)
	}
	outside := inside
	outside.Media.URL = "file://" + media
	if got := outside.Folders(); len(got) != 2 || got[1] != media {
		t.Errorf("got %v, want both", got)
	}
	outside.Media.URL = "s3://bucket"
	if got := outside.Folders(); len(got) != 1 {
		t.Errorf("got %v, want the data folder alone", got)
	}
}
