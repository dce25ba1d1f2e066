package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// evil clears the screen, sets the clipboard, turns the text around, and forges a
// line and a message.
const evil = "x\x1b[2J\x1b]52;c;aGk=\x07\u009b2J\u202e\r\nFORGED ✓"

// done is a video that has ended.
const done = "0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9f"

// hostile is a server that says evil things wherever a heyq says something.
func hostile(t *testing.T) []string {
	t.Helper()
	const id = "0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"
	at := "2030-01-01T00:00:00Z"
	failure := map[string]any{"code": evil, "message": evil, "step": evil}
	video := map[string]any{
		"id": id, "title": evil, "state": evil, "heygen_id": evil, "notify_url": evil, "metadata": map[string]string{evil: evil}, "failure": failure,
		"message": evil, "created_at": at, "timeline": []any{map[string]any{"state": evil, "at": at}},
	}
	ended := maps.Clone(video)
	ended["id"], ended["state"] = done, "failed"
	changed := map[string]any{"done": 1, "skipped": 1, "missing": evil, "groups": []any{map[string]any{"queue": evil, "error": evil, "jobs": 1, "skipped": evil}}, "jobs": []any{map[string]any{"id": evil, "skipped": evil}}}
	job := map[string]any{
		"id": evil, "queue": evil, "kind": evil, "title": evil, "state": "failed", "goes_on": evil, "failure": failure, "at": at, "user_id": evil,
		"actions": []any{map[string]any{"action": evil, "at": at, "by": evil, "outcome": evil, "request_id": evil}},
	}
	answers := map[string]any{
		"/v1/videos":                          map[string]any{"videos": []any{video}, "pagination": map[string]any{"page": 1, "total": 1, "total_pages": 1}},
		"/v1/videos/" + id:                    video,
		"/v1/videos/" + id + "/cancel":        video,
		"/v1/videos/" + id + "/retry":         video,
		"/v1/videos/" + done:                  ended,
		"/v1/videos/" + id + "/verify":        map[string]any{"whole": false, "message": evil},
		"/v1/jobs/cancel":                     changed,
		"/v1/jobs/delete":                     changed,
		"/v1/schedule/x/run":                  map[string]any{"job": evil},
		"/v1/videos/" + id + "/notifications": map[string]any{"notifications": []any{map[string]any{"id": evil, "event": evil, "url": evil, "state": evil, "tries": []any{map[string]any{"at": at, "error": evil}}}}},
		"/v1/jobs":                            map[string]any{"jobs": []any{job}, "next": evil, "total": 1, "missing": evil, "groups": []any{map[string]any{"queue": evil, "error": evil, "jobs": 1, "goes_on": evil}}},
		"/v1/jobs/" + id:                      job,
		"/v1/alerts":                          map[string]any{"alerts": []any{map[string]any{"rule": evil, "subject": evil, "summary": evil, "since": at}}, "receiver": evil},
		"/v1/schedule":                        map[string]any{"jobs": []any{map[string]any{"name": evil, "result": evil, "error": evil, "outcome": evil}}},
		"/v1/queues":                          map[string]any{"queues": []any{map[string]any{"name": evil, "queue": evil}}, "admission": map[string]any{"state": evil, "reason": evil}},
		"/v1/admission":                       map[string]any{"state": evil, "reason": evil},
		"/v1/webhooks/heygen":                 map[string]any{"id": evil, "url": evil, "events": []string{evil}, "webhooks": []any{map[string]any{"id": evil, "url": evil, "events": []string{evil}}}},
		"/v1/version":                         map[string]any{"version": evil, "commit": evil, "go": evil},
		"/v1/log":                             map[string]any{"level": evil, "configured": evil},
		"/v1/stats":                           map[string]any{"problem": evil},
		"/readyz":                             map[string]any{"status": evil, "checks": map[string]any{evil: map[string]any{"status": evil, "reason": evil}}},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.Path]
		if !ok {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusUnprocessableEntity)
			answer = map[string]any{"title": evil, "detail": evil, "errors": []any{map[string]any{"location": "body." + evil, "message": evil, "value": evil}}}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return []string{"HEYQ_URL=" + server.URL, "HEYQ_DIR=" + t.TempDir()}
}

// Whatever a server says, a terminal shows it as text.
func TestCommands_show_foreign_text_as_text(t *testing.T) {
	t.Parallel()
	environ := hostile(t)
	const id = "0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"
	sheet := filepath.Join(t.TempDir(), "videos.csv")
	if err := os.WriteFile(sheet, []byte("title,template_id\n\"x\x1b[2J\u202e\rFORGED\",t\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{
		"videos list", "videos get " + id, "videos cancel " + id, "videos retry " + id, "videos download " + id, "videos resolve " + id + " --give-up",
		"videos create --title x", "notifications list " + id, "jobs list", "jobs list --state waiting", "jobs show " + id, "jobs requeue --state failed --dry-run",
		"alerts", "schedule list", "queues list", "admission status", "webhooks list", "version --server", "log level", "stats", "ready", "__complete videos get ",
		"videos watch " + done, "videos import " + sheet, "videos import --dry-run " + sheet, "videos verify " + id, "jobs cancel --yes --state failed", "jobs cancel --dry-run " + id,
		"jobs delete --yes --state failed", "notifications redeliver " + id, "schedule run x", "webhooks register", "doctor",
	} {
		for _, json := range []string{"", " --json"} {
			got := heyq(t, environ, strings.Split(command+json, " ")...)
			if strings.HasSuffix(command, " ") {
				got = heyq(t, environ, append(strings.Fields(command), "")...)
			}
			shown := got.stdout + got.stderr
			for line := range strings.Lines(shown) {
				if strings.HasPrefix(strings.TrimSpace(line), "FORGED") {
					t.Errorf("heyq %s%s: a line is forged:\n%s", command, json, shown)
				}
			}
			if i := strings.IndexFunc(shown, func(r rune) bool { return r != '\n' && r != '\t' && (unicode.IsControl(r) || r == '\u202e') }); i >= 0 {
				t.Errorf("heyq %s%s: %q reaches the terminal", command, json, shown[i:min(i+40, len(shown))])
			}
		}
	}
}

// A file is named by the id that was asked for, and not by what a server answers.
func TestDownload_stays_in_its_folder(t *testing.T) {
	t.Parallel()
	const asked = "0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/file") {
			_, _ = io.WriteString(w, "x")
			return
		}
		fmt.Fprintf(w, `{"id":"..%cx","state":"completed","file":{"bytes":1,"sha256":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}}`, '/')
	}))
	t.Cleanup(server.Close)
	heyq(t, []string{"HEYQ_URL=" + server.URL}, "videos", "download", asked).want(t, 5, `it is about video "../x"`)
	heyq(t, []string{"HEYQ_URL=" + server.URL}, "videos", "download", "../x").want(t, 5, `it is about video "../x"`)
	if _, err := os.Stat("../x.mp4"); err == nil {
		_ = os.Remove("../x.mp4")
		t.Error("a file was written beside the folder")
	}
}
