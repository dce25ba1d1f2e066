package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/client"
	"heyq/internal/testkit"
	"heyq/wire"
)

// made creates a video with args and returns its id.
func made(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	v := decode[client.Video](t, heyq(t, environ, append([]string{"videos", "create", "--json"}, args...)...).wantOK(t))
	if v.ID == "" || v.State != "queued" {
		t.Fatalf("got video %q, which is %q", v.ID, v.State)
	}
	return v.ID
}

var hello = []string{"--title", "Hello", "--script", "Hello Ada!", "--avatar-id", "avatar_1", "--voice-id", "voice_1"}

func TestE2E_videos(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	id := made(t, environ, append(hello, "--metadata", "person=Ada Lovelace, of London")...)

	heyq(t, environ, "videos", "watch", "--interval", "50ms", id).wantOK(t).want(t, 0, id+"  completed")

	got := decode[map[string]any](t, heyq(t, environ, "videos", "get", "--json", id).wantOK(t))
	if got["user_id"] == nil || got["description"] == nil {
		t.Error("fields that the client does not know are gone from --json")
	}
	if diff := cmp.Diff(map[string]any{"person": "Ada Lovelace, of London"}, got["metadata"]); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	heyq(t, environ, "videos", "get", id).wantOK(t).want(t, 0, "Hello", "completed", "downloading", "SHA-256", "Ada Lovelace")
	heyq(t, environ, "videos", "list", "--state", "completed").wantOK(t).want(t, 0, id, "Hello", "page 1 of 1, 1 video")
	heyq(t, environ, "videos", "list", "--state", "failed").wantOK(t).want(t, 0, "no videos")

	path := filepath.Join(t.TempDir(), "hello.mp4")
	heyq(t, environ, "videos", "download", id, "--output", path).wantOK(t).want(t, 0, path)
	heyq(t, environ, "videos", "download", id, "--output", path).want(t, 4, "is there already", "--force")
	if err := os.WriteFile(path, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	told := decode[struct {
		Path, SHA256 string
		Bytes        int64
	}](t, heyq(t, environ, "videos", "download", id, "--output", path, "--force", "--json").wantOK(t))
	n, sum, err := sumFile(path)
	if err != nil || n != told.Bytes || sum != told.SHA256 || told.Path != path {
		t.Errorf("the file has %d bytes and sum %s, told was %+v (%v)", n, sum, told, err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("%d files are left, want 1", len(entries))
	}

	heyq(t, environ, "videos", "cancel", id).want(t, 4, "is completed and cannot be cancelled")
	heyq(t, environ, "videos", "retry", id).want(t, 4, "only a failed or cancelled video")
	heyq(t, environ, "videos", "resolve", id).want(t, 2, "say one thing", "--adopt")
	heyq(t, environ, "videos", "resolve", id, "--adopt", "a", "--give-up").want(t, 2, "say one thing")
	heyq(t, environ, "videos", "resolve", id, "--adopt", "a").want(t, 4, "not under review")
}

func TestE2E_videos_ended_by_people_and_HeyGen(t *testing.T) {
	t.Parallel()
	environ := startUp(t)

	gate := decode[wire.Admission](t, heyq(t, environ, "admission", "pause", "--json").wantOK(t))
	if gate.State != "paused" {
		t.Fatalf("admission is %s", gate.State)
	}
	heyq(t, environ, "admission", "status").wantOK(t).want(t, 0, "paused", "operator")
	id := made(t, environ, hello...)
	heyq(t, environ, "videos", "download", id).want(t, 4, "is queued and has no file")
	heyq(t, environ, "videos", "cancel", id).wantOK(t).want(t, 0, id, "nothing was sent")
	heyq(t, environ, "videos", "watch", id).want(t, 4, "cancelled", "1 of 1 videos did not complete")
	heyq(t, environ, "videos", "retry", id).wantOK(t).want(t, 0, id)
	heyq(t, environ, "admission", "resume").wantOK(t).want(t, 0, "open")
	heyq(t, environ, "videos", "watch", "--interval", "50ms", id).wantOK(t)

	refused := made(t, environ, "--script", "Hi", "--avatar-id", "avatar_9", "--voice-id", "voice_1")
	heyq(t, environ, "videos", "watch", "--interval", "50ms", refused, id).
		want(t, 4, "avatar_not_found", "1 of 2 videos did not complete")
	heyq(t, environ, "videos", "get", refused).wantOK(t).want(t, 0, "avatar_not_found in create: Avatar avatar_9 not found.")
}

// Without ids all are watched that have not ended, as the README has it.
func TestE2E_videos_watch_all(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	heyq(t, environ, "videos", "watch").wantOK(t).want(t, 0, "no video is on its way")
	ended := made(t, environ, append(hello, "--not-before", "2099-01-01T00:00:00Z")...)
	heyq(t, environ, "videos", "cancel", ended).wantOK(t)
	heyq(t, environ, "admission", "pause").wantOK(t) // until both are watched
	first, second := made(t, environ, hello...), made(t, environ, hello...)
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	defer cancel()
	read, write := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"videos", "watch", "--interval", "50ms"}, environ, strings.NewReader(""), write, io.Discard)
		write.Close()
	}()
	shown, paused := "", true
	for lines := bufio.NewScanner(read); lines.Scan(); {
		shown += lines.Text() + "\n"
		if paused && strings.Contains(shown, first+"  queued") && strings.Contains(shown, second+"  queued") {
			paused = false
			heyq(t, environ, "admission", "resume").wantOK(t)
		}
	}
	if got := <-code; got != 0 || !strings.Contains(shown, first+"  completed") || !strings.Contains(shown, second+"  completed") || strings.Contains(shown, ended) {
		t.Errorf("watch ended with %d, want 0 after it has shown both as completed, and no video that had ended:\n%s", got, shown)
	}
}

func TestE2E_videos_watch_as_JSON(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	var ids []string
	for range singly + 1 { // so many that the listing is walked
		ids = append(ids, made(t, environ, hello...))
	}
	o := heyq(t, environ, append([]string{"videos", "watch", "--json", "--interval", "50ms"}, ids...)...).wantOK(t)
	completed := map[string]int{}
	for line := range strings.Lines(o.stdout) {
		var v client.Video
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		if v.State == "completed" {
			completed[v.ID]++
		}
	}
	for _, id := range ids {
		if completed[id] != 1 {
			t.Errorf("%s is told as completed %d times", id, completed[id])
		}
	}
}

// What is sent is exactly what was given.
func TestE2E_videos_create_bodies(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	image := `{"type":"image","image":{"type":"url","url":"https://example.com/a.png"},"script":"Hi","voice_id":"voice_1"}`
	ids := []string{
		made(t, environ, "--template-id", "template_1", "--variable", "name=Ada", "--variable", `company={"type":"text","content":"Acme"}`),
		made(t, environ, "--file", write("body.json", `{"script":"Hi","avatar_id":"avatar_1","voice_id":"voice_1","caption":true}`)),
		made(t, environ, "--script", "@"+write("script.txt", "Hello\n"), "--avatar-id", "avatar_2", "--voice-id", "voice_1", "--priority", "low", "--caption"),
		made(t, environ, "--heygen", "@"+write("image.json", image), "--title", "A picture that speaks"),
		made(t, environ, "--heygen", image),
	}
	for _, id := range ids {
		heyq(t, environ, "videos", "watch", "--interval", "50ms", id).wantOK(t)
	}
	from := heyqReading(t, `{"script":"Hi","avatar_id":"avatar_1","voice_id":"voice_1"}`, environ, "videos", "create", "--file", "-")
	from.wantOK(t)

	first := made(t, environ, append(hello, "--idempotency-key", "once")...)
	if again := made(t, environ, append(hello, "--idempotency-key", "once")...); again != first {
		t.Errorf("the key gave %s and then %s", first, again)
	}
	heyq(t, environ, "videos", "create", "--script", "Other", "--avatar-id", "avatar_1", "--idempotency-key", "once").
		want(t, 4, "Idempotency-Key")
}

func TestE2E_videos_refused(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	const nobody = "01890a5d-ac96-774b-bcce-b302099a8057"
	for _, test := range []struct {
		args  []string
		code  int
		words []string
	}{
		{[]string{"videos", "create"}, 2, []string{"script: is empty"}},
		{[]string{"videos", "create", "--script", "Hi", "--template-id", "t"}, 2, []string{"template_id: cannot be given beside script"}},
		{[]string{"videos", "create", "--script", "Hi", "--priority", "11", "--not-before", "tomorrow"}, 2, []string{"priority: ", "not_before: ", "avatar_id: is missing"}},
		{[]string{"videos", "create", "--script", strings.Repeat("x", 5001), "--avatar-id", "a"}, 2, []string{"script: has 5001 characters"}},
		{[]string{"videos", "create", "--variable", "name"}, 2, []string{`"name" is no entry of variables`}},
		{[]string{"videos", "create", "--heygen", "no"}, 2, []string{"--heygen is no JSON object"}},
		{[]string{"videos", "create", "--file", "missing.json"}, 2, []string{"missing.json: no such file"}},
		{[]string{"videos", "create", "--file", "x", "--title", "T"}, 2, []string{"--file is the whole body"}},
		{[]string{"videos", "get", nobody}, 3, []string{nobody}},
		{[]string{"videos", "get", "../admission"}, 3, []string{"../admission"}},
		{[]string{"videos", "cancel", "not-a-uuid"}, 3, []string{"not-a-uuid"}},
		{[]string{"videos", "watch", nobody}, 3, []string{nobody}},
		{[]string{"videos", "download", nobody}, 3, []string{nobody}},
		{[]string{"videos", "list", "--state", "done"}, 2, []string{"state"}},
		{[]string{"videos", "list", "--page", "0"}, 2, []string{"page"}},
	} {
		t.Run(fmt.Sprintf("%.40s", strings.Join(test.args[1:], " ")), func(t *testing.T) {
			heyq(t, environ, test.args...).want(t, test.code, test.words...)
		})
	}
	heyq(t, environ, "videos", "list").wantOK(t).want(t, 0, "no videos")
}

func TestVideos_without_a_heyq(t *testing.T) {
	t.Parallel()
	environ := []string{"HEYQ_URL=http://127.0.0.1:1"}
	heyq(t, environ, "videos", "list").want(t, 5, "no heyq answers at http://127.0.0.1:1", "heyq up")
	heyq(t, []string{"HEYQ_URL=somewhere"}, "videos", "list").want(t, 2, "HEYQ_URL", `"somewhere"`)
	// A variable that only the service reads is no business of this command.
	heyq(t, append(environ, "HEYQ_LEASE=soon"), "videos", "list").want(t, 5, "no heyq answers")
}

// What is not text for certain is refused before anything is sent.
func TestVideosCreate_refuses_what_is_no_text(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"id":"0190b5c2-7d1e-7cc3-9f0a-5a1f6f3c2b11","state":"queued"}`)
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(file, []byte(`{"template_id":"t","title":"J\ud800rg"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"HEYQ_URL=" + server.URL}
	for _, args := range [][]string{
		{"--avatar-id", "a", "--voice-id", "v", "--script", "J\xf6rg"},
		{"--template-id", "t", "--variable", "n=J\xf6rg"},
		{"--template-id", "t", "--metadata", "n=J\xf6rg"},
		{"--heygen", `{"type":"image","type":"studio"}`},
		{"--file", file},
	} {
		if got := heyq(t, environ, append([]string{"videos", "create"}, args...)...); got.code != 2 || len(asked) > 0 {
			t.Errorf("%q: exit code %d, and %d videos were asked for: %s", args, got.code, len(asked), got.stderr)
		}
	}
	heyq(t, environ, "videos", "create", "--template-id", "t", "--metadata", "n=Jörg").wantOK(t)
	if len(asked) != 1 {
		t.Errorf("text was sent %d times", len(asked))
	}
}

// Each word about a review reaches the server as its verdict, and only one may be
// said.
func TestVideosResolve(t *testing.T) {
	t.Parallel()
	const id = "0190b5c2-7d1e-7cc3-9f0a-5a1f6f3c2b11"
	asked := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked <- r.URL.Path + " " + string(body)
		_, _ = io.WriteString(w, `{"id":"`+id+`","state":"completed","message":"done"}`)
	}))
	t.Cleanup(server.Close)
	environ := []string{"HEYQ_URL=" + server.URL}
	for said, verdict := range map[string]string{
		"--adopt=hg-1": `{"verdict":"adopt","heygen_id":"hg-1"}`, "--resubmit": `{"verdict":"resubmit"}`, "--give-up": `{"verdict":"give_up"}`,
		"--accept": `{"verdict":"accept"}`, "--reject": `{"verdict":"reject"}`,
	} {
		heyq(t, environ, "videos", "resolve", id, said).wantOK(t)
		if got := strings.TrimSpace(<-asked); got != "/v1/videos/"+id+"/resolve "+verdict {
			t.Errorf("%s asked for %s", said, got)
		}
	}
	if help := heyq(t, environ, "videos", "resolve", "--help").wantOK(t).stdout; !strings.Contains(help, "it begins with a token") {
		t.Errorf("where the token stands in a title is not said: %s", help)
	}
	heyq(t, environ, "videos", "resolve", id).want(t, 2, "say one thing", "--accept")
	heyq(t, environ, "videos", "resolve", id, "--accept", "--reject").want(t, 2, "say one thing")
}
