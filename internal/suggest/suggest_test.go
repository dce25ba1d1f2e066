package suggest_test

import (
	"testing"

	"heyq/internal/suggest"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	candidates := []string{"script", "avatar_id", "audio_url"}
	for name, want := range map[string]string{
		"scirpt": "script", "avatar": "avatar_id", "audio-url": "audio_url", "": "script", "скрипт": "script",
	} {
		if got := suggest.Nearest(name, candidates); got != want {
			t.Errorf("To(%q) = %q, want %q", name, got, want)
		}
	}
}
