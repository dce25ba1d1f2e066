package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"heyq/client"
	"heyq/internal/fault"
)

func writeCSV(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "videos.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func countVideos(t *testing.T, environ []string) int {
	t.Helper()
	list := decode[struct{ Pagination struct{ Total int } }](t, heyq(t, environ, "videos", "list", "--json").wantOK(t))
	return list.Pagination.Total
}

func TestE2E_import(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	people := filepath.Join("..", "..", "examples", "people.csv")

	heyq(t, environ, "videos", "import", people, "--dry-run").wantOK(t).want(t, 0, "good: 20 of 20 lines; nothing was created")
	if n := countVideos(t, environ); n != 0 {
		t.Fatalf("a dry run created %d videos", n)
	}
	heyq(t, environ, "videos", "import", people).wantOK(t).want(t, 0, "checked: 20 of 20", "20 videos accepted")
	first := decode[imported](t, heyq(t, environ, "videos", "import", people, "--json").wantOK(t))
	if first.Created != 0 || first.Existing != 20 || len(first.Videos) != 20 || first.Videos[0].Line != 2 || first.Videos[19].Line != 21 {
		t.Errorf("got %+v", first)
	}
	if n := countVideos(t, environ); n != 20 {
		t.Errorf("the same file twice made %d videos", n)
	}
}

// Every wrong line is named, whether the command or the server finds it, and
// nothing is created.
func TestE2E_import_bad_lines(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	path := writeCSV(t, "\uFEFFtitle,script,avatar_id,priority,not_before\r\n"+
		"good,Hello,avatar_1,1,\r\n"+
		"no avatar,Hello,,,\r\n"+
		"no number,Hello,avatar_1,urgent,\r\n"+
		"none,\"two\r\nlines\",avatar_1,99,tomorrow\r\n"+
		"short,Hello\r\n"+
		"good,\"Hello, again\",avatar_2,,2030-01-01T00:00:00Z\r\n")

	heyq(t, environ, "videos", "import", path).want(t, 2, "4 of 6 lines not valid; nothing was created",
		"line 3, avatar_id: is missing", `line 4, priority: "urgent" is neither a whole number nor low, normal or high`,
		"line 5, priority: ", "line 5, not_before: ", "line 7: has 2 cells", "--partial")
	if n := countVideos(t, environ); n != 0 {
		t.Fatalf("%d videos were created", n)
	}

	got := decode[imported](t, heyq(t, environ, "videos", "import", "--partial", "--json", path).wantOK(t))
	if got.Lines != 6 || got.Created != 2 || len(got.Failed) != 5 || got.Videos[0].Line != 2 || got.Videos[1].Line != 8 {
		t.Errorf("got %+v", got)
	}
	heyq(t, environ, "videos", "import", "--partial", path).wantOK(t).want(t, 0, "not valid: 4 lines", "0 videos accepted", "2 were there already")
	if n := countVideos(t, environ); n != 2 {
		t.Errorf("the same file twice made %d videos", n)
	}
}

// A line makes its video once, however often, in whatever file and with whatever
// flags it is imported: the user need not know what an import did before it broke
// off.
func TestE2E_import_makes_each_line_once(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	const header = "title,script,avatar_id,priority\n"
	good := "one,Hello,avatar_1,1\n" + "two,Hello,avatar_1,2\n" + "two,Hello,avatar_1,2\n" // a line that is there twice
	path := writeCSV(t, header+good)
	heyq(t, environ, "videos", "import", path).want(t, 0, "3 videos accepted")
	heyq(t, environ, "videos", "import", path, "--partial").want(t, 0, "0 videos accepted", "3 were there already")
	heyq(t, environ, "videos", "import", path, "--notify-url", "https://example.com/heyq").want(t, 0, "3 were there already")

	mended := writeCSV(t, header+"zero,Hello,avatar_1,0\n"+good+"three,Hello,avatar_1,urgent\n")
	result := decode[imported](t, heyq(t, environ, "videos", "import", mended, "--partial", "--json").wantOK(t))
	if result.Created != 1 || result.Existing != 3 || len(result.Failed) != 1 {
		t.Errorf("got %+v", result)
	}
	rejected := strings.TrimSuffix(mended, ".csv") + ".rejected.csv"
	content, err := os.ReadFile(rejected)
	if want := "rejected_because,title,script,avatar_id,priority\n" +
		`"priority: ""urgent"" is neither a whole number nor low, normal or high",three,Hello,avatar_1,urgent` + "\n"; err != nil || string(content) != want || result.Rejected != rejected {
		t.Errorf("%s holds %q, want %q; %v", result.Rejected, content, want, err)
	}
	heyq(t, environ, "videos", "import", rejected).want(t, 2, "priority")
	if err := os.WriteFile(rejected, []byte(strings.ReplaceAll(string(content), "avatar_1,urgent", "avatar_1,high")), 0o600); err != nil {
		t.Fatal(err)
	}
	heyq(t, environ, "videos", "import", rejected).want(t, 0, "1 video accepted")
	heyq(t, environ, "videos", "import", mended, "--partial").want(t, 0, "0 videos accepted", "mend them in "+strings.TrimSuffix(mended, ".csv")+".rejected-2.csv")
	if n := countVideos(t, environ); n != 5 {
		t.Errorf("5 lines made %d videos", n)
	}
}

// --notify-url is for the lines that name no receiver.
func TestE2E_import_notify_url(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	path := writeCSV(t, "title,template_id,notify_url\nown,template_1,https://example.com/own\nnone,template_1,\n")
	heyq(t, environ, "videos", "import", path, "--notify-url", "https://example.com/all").wantOK(t)
	list := decode[client.VideoList](t, heyq(t, environ, "videos", "list", "--json").wantOK(t))
	told := map[string]string{}
	for _, v := range list.Videos {
		told[v.Title] = orZero(v.NotifyURL)
	}
	if told["own"] != "https://example.com/own" || told["none"] != "https://example.com/all" {
		t.Errorf("told are %v", told)
	}
	heyq(t, environ, "videos", "import", path, "--notify-url", "ftp://x").want(t, 2, "notify_url: is no link")
}

func TestE2E_import_refused_files(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	heyq(t, environ, "videos", "import", writeCSV(t, "titel,script\na,b\n")).want(t, 2, "titel: is not known; did you mean title?")
	heyq(t, environ, "videos", "import", writeCSV(t, "")).want(t, 2, "the file is empty")
	heyq(t, environ, "videos", "import", writeCSV(t, "title\n\"a\"b\n")).want(t, 2, "no CSV from line 2 on")
	heyq(t, environ, "videos", "import", "missing.csv").want(t, 2, "missing.csv: no such file")
	heyqReading(t, "title,script,avatar_id\nHi,Hello,avatar_1\n", environ, "videos", "import", "-").wantOK(t)
}

// fakeAPI is a heyq with the real HeyGen behind it, which accepts every video.
type fakeAPI struct {
	mu      sync.Mutex
	batches []int           // sizes of those that were not dry runs
	keys    map[string]bool // of the videos
}

func (f *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/readyz" {
		fmt.Fprint(w, `{"status":"healthy","checks":{"heygen":{"status":"healthy","reason":"HeyGen at https://api.heygen.com"}}}`)
		return
	}
	var body struct{ Videos []json.RawMessage }
	_ = json.NewDecoder(r.Body).Decode(&body)
	answer := struct {
		Videos []map[string]any `json:"videos"`
	}{}
	for i := range body.Videos {
		answer.Videos = append(answer.Videos, map[string]any{"index": i, "id": fmt.Sprint(i), "state": "queued"})
	}
	if r.URL.Query().Get("dry_run") != "true" {
		f.mu.Lock()
		f.batches = append(f.batches, len(body.Videos))
		for _, video := range body.Videos {
			var keyed struct {
				Key string `json:"idempotency_key"`
			}
			_ = json.Unmarshal(video, &keyed)
			f.keys[keyed.Key] = true
		}
		f.mu.Unlock()
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func TestImport_asks_before_it_spends(t *testing.T) {
	t.Parallel()
	f := &fakeAPI{keys: map[string]bool{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	environ := []string{"HEYQ_URL=" + server.URL, "HEYQ_PRICE_PER_SECOND=0.1"}
	path := writeCSV(t, "script,avatar_id,template_id\n"+strings.Repeat("x", 300)+",avatar_1,\n,,template_1\n")

	heyq(t, environ, "videos", "import", path).want(t, 2,
		"2 videos at HeyGen at most", "about 20s of speech, about $2.00", "1 without a script", "no terminal to ask on", "--yes")
	if len(f.batches) != 0 {
		t.Fatal("videos were created unasked")
	}
	heyq(t, environ, "videos", "import", path, "--yes").wantOK(t).want(t, 0, "2 videos accepted")
}

func TestConfirmed(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]fault.Code{
		"y\n": "", "Yes \n": "", "yes": "", "\n": fault.Invalid, "n\n": fault.Invalid, "": fault.Invalid, "why?\n": fault.Invalid,
	} {
		if got := fault.CodeOf(confirmed(t.Context(), strings.NewReader(answer))); got != want {
			t.Errorf("%q: got %q, want %q", answer, got, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	silent, end := io.Pipe()
	defer end.Close()
	if err := confirmed(ctx, silent); !errors.Is(err, context.Canceled) {
		t.Errorf("Ctrl-C at the question: got %v", err)
	}
}

func TestImport_sends_each_line_with_a_key_of_its_own(t *testing.T) {
	t.Parallel()
	f := &fakeAPI{keys: map[string]bool{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	path := writeCSV(t, "script,avatar_id\n"+strings.Repeat("Hello,avatar_1\n", 2500))
	for range 2 {
		heyq(t, []string{"HEYQ_URL=" + server.URL}, "videos", "import", path, "--yes").wantOK(t).want(t, 0, "2,500 videos accepted")
	}
	if got := fmt.Sprint(f.batches); got != "[500 500 500 500 500 500 500 500 500 500]" || len(f.keys) != 2500 {
		t.Errorf("batches %s with %d keys", got, len(f.keys))
	}
}
