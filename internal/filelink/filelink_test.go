package filelink

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestLinks(t *testing.T) {
	t.Parallel()
	links, err := New("https://heyq.example.com", "secret")
	if err != nil {
		t.Fatal(err)
	}
	other, _ := New("https://heyq.example.com", "another secret")
	now := time.Date(2030, 12, 31, 9, 0, 0, 0, time.UTC)
	video, until := uuid.New(), now.Add(time.Hour)
	link := links.Of(video, "file", until)
	parts := strings.Split(strings.TrimPrefix(link, "https://heyq.example.com"+Path+"/"), "/")
	if len(parts) != 4 || parts[0] != video.String() || parts[1] != "file" {
		t.Fatalf("the link is %s", link)
	}
	expires, signature := parts[2], parts[3]
	later := strconv.FormatInt(until.Add(time.Hour).Unix(), 10)
	for name, c := range map[string]struct {
		links   *Links
		video   uuid.UUID
		file    string
		expires string
		sig     string
		now     time.Time
		want    bool
	}{
		"as it is":               {links, video, "file", expires, signature, now, true},
		"at its last second":     {links, video, "file", expires, signature, until.Add(-time.Second), true},
		"when it has expired":    {links, video, "file", expires, signature, until, false},
		"of another video":       {links, uuid.New(), "file", expires, signature, now, false},
		"of another file":        {links, video, "captions", expires, signature, now, false},
		"with a later end":       {links, video, "file", later, signature, now, false},
		"with an end that is no": {links, video, "file", "never", signature, now, false},
		"without a signature":    {links, video, "file", expires, "", now, false},
		"with half of one":       {links, video, "file", expires, signature[:32], now, false},
		"with none in hex":       {links, video, "file", expires, "x" + signature[1:], now, false},
		"with another secret":    {other, video, "file", expires, signature, now, false},
		"without links":          {nil, video, "file", expires, signature, now, false},
	} {
		if got := c.links.Valid(c.video, c.file, c.expires, c.sig, c.now); got != c.want {
			t.Errorf("%s: valid is %t, want %t", name, got, c.want)
		}
	}
	var none *Links
	nowhere, _ := New("", "secret")
	if got := none.Of(video, "file", until) + nowhere.Of(video, "file", until); got != "" {
		t.Errorf("a link that leads nowhere: %s", got)
	}
}
