package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// --all means those as well that stand behind the pages that are counted.
func TestVideosVerify_follows_the_cursor(t *testing.T) {
	t.Parallel()
	const older = "older"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		id, next := "0199b3a0-6f1e-7c3a-9d52-000000000002", `"`+older+`"`
		if r.URL.Query().Get("cursor") == older {
			id, next = "0199b3a0-6f1e-7c3a-9d52-000000000001", "null"
		}
		if strings.HasSuffix(r.URL.Path, "/verify") {
			fmt.Fprint(w, `{"whole":true,"message":"the file is whole"}`)
			return
		}
		fmt.Fprintf(w, `{"videos":[{"id":%q,"state":"completed","file":{}}],"pagination":{"page":1,"per_page":1,"total":1,"total_pages":1,"total_capped":true,"next_cursor":%s}}`, id, next)
	}))
	t.Cleanup(server.Close)
	heyq(t, []string{"HEYQ_URL=" + server.URL, "HEYQ_DIR=" + t.TempDir()}, "videos", "verify", "--all").want(t, 0, "2 of 2 files are whole")
}
