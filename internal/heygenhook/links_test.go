package heygenhook_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/internal/heygenhook"
)

func newLinks(t *testing.T, base, key string) *heygenhook.Links {
	t.Helper()
	l, err := heygenhook.NewLinks(base, key)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLinks(t *testing.T) {
	t.Parallel()
	const base = "https://heyq.example"
	video := uuid.New()
	api := newLinks(t, base, "key")
	worker := newLinks(t, base, "key") // another process
	prefix := base + "/webhooks/heygen/" + video.String() + "/"
	token, found := strings.CutPrefix(worker.Of(video), prefix)
	if !found || strings.Contains(token, "key") {
		t.Fatalf("the link is %s, want it to begin with %s and not to show the key", worker.Of(video), prefix)
	}
	for _, c := range []struct {
		name  string
		links *heygenhook.Links
		video uuid.UUID
		token string
		want  bool
	}{
		{"its own", api, video, token, true},
		{"in capitals", api, video, strings.ToUpper(token), true},
		{"where nobody reaches us any more", newLinks(t, "", "key"), video, token, true},
		{"of another video", api, uuid.New(), token, false},
		{"of another account", newLinks(t, base, "other"), video, token, false},
		{"none", api, video, "", false},
		{"a part of it", api, video, token[:32], false},
		{"more than it", api, video, token + "00", false},
		{"no hexadecimal", api, video, strings.Repeat("x", 64), false},
	} {
		if got := c.links.Valid(c.video, c.token); got != c.want {
			t.Errorf("a token that is %s: valid is %v, want %v", c.name, got, c.want)
		}
	}
	if got, want := api.Endpoint(), base+"/webhooks/heygen"; got != want {
		t.Errorf("the endpoint is %s, want %s", got, want)
	}
	if hidden := newLinks(t, "", "key"); hidden.Endpoint() != "" || hidden.Of(video) != "" {
		t.Errorf("links without a public URL: %q, %q", hidden.Endpoint(), hidden.Of(video))
	}
}
