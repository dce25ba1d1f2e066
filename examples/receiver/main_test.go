package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"heyq/app/apptest"
	"heyq/client"
	"heyq/internal/testkit"
	"heyq/wire"
)

const secret = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"

func TestReceiver(t *testing.T) {
	t.Parallel()
	h := apptest.Start(t, "HEYQ_NOTIFY_SECRET="+secret, "HEYQ_NOTIFY_ALLOW_PRIVATE=true")
	ctx, stop := context.WithTimeout(t.Context(), testkit.Patience)
	defer stop()
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, secret, []string{"-addr", "127.0.0.1:0"}, write)
		_ = write.Close()
	}()
	lines := bufio.NewScanner(read)
	lines.Scan()
	_, address, _ := strings.Cut(lines.Text(), "listening at ")

	forged, err := http.Post(address, "application/json", strings.NewReader(`{"type":"video.completed","data":{"title":"Forged"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _ = forged.Body.Close(); forged.StatusCode != http.StatusUnauthorized {
		t.Errorf("what heyq did not sign is answered %s", forged.Status)
	}
	video := wire.NewVideo{
		Title: "Hello Ada", NotifyURL: address,
		Render: wire.Render{Script: "Hello Ada!", AvatarID: "avatar_1", VoiceID: "voice_1"},
	}
	if _, err := client.New(h.URL, h.Token).Videos.Create(t.Context(), video, ""); err != nil {
		t.Fatal(err)
	}
	if lines.Scan(); lines.Text() != "video.completed Hello Ada" {
		t.Errorf("it wrote %q", lines.Text())
	}
	stop()
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("it ended with %v", err)
	}
}

// What the documentation shows in Go is this receiver.
func TestDocs_show_what_verifies(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	snippet := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(docs)
	if snippet == nil || !strings.Contains(string(source), string(snippet[1])) {
		t.Error("the Go of docs/webhooks.md is not that of main.go")
	}
}
