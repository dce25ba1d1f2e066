package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heyq/internal/testkit"
)

// A heyq that is alone makes its own token, and its commands find it.
func TestE2E_door(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	dir, base := strings.TrimPrefix(environ[0], "HEYQ_DIR="), environ[1]
	path := filepath.Join(dir, "operator-token")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v; want the mode 0600", info.Mode(), err)
	}
	token := strings.TrimSpace(string(content))

	heyq(t, environ, "videos", "list").wantOK(t)
	heyq(t, []string{base, "HEYQ_OPERATOR_TOKEN=" + token}, "videos", "list").wantOK(t)
	heyq(t, []string{base, "HEYQ_OPERATOR_TOKEN_FILE=" + path}, "videos", "list").wantOK(t)
	heyq(t, []string{base, "HEYQ_DIR=" + t.TempDir()}, "videos", "list").
		want(t, 2, "wants its operator token", "HEYQ_OPERATOR_TOKEN", "HEYQ_DIR", "operator-token")
	heyq(t, append(environ, "HEYQ_OPERATOR_TOKEN=another-one-of-them"), "videos", "list").
		want(t, 2, "has another operator token", "HEYQ_OPERATOR_TOKEN", "operator-token")
	heyq(t, append(environ, "HEYQ_OPERATOR_TOKEN=short"), "videos", "list").want(t, 2, "HEYQ_OPERATOR_TOKEN", "16 to 512 characters")
	heyq(t, []string{base}, "ready").wantOK(t)

	testBrowser(t, strings.TrimPrefix(base, "HEYQ_URL="), token)
}

// testBrowser logs in as somebody who wanted to read the documentation.
func testBrowser(t *testing.T, base, token string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	get := func(path string) (page, at string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "text/html")
		return read(t, browser, r)
	}
	if page, at := get("/docs/"); !strings.Contains(page, "Operator token") || at != "/login?next=%2Fdocs%2F" {
		t.Fatalf("%s shows %s", at, page)
	}
	form := url.Values{"token": {token}, "next": {"/docs/"}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if page, at := read(t, browser, r); at != "/docs/" || !strings.Contains(page, "swagger") {
		t.Errorf("%s shows %s", at, page)
	}
	if page, at := get("/openapi.json"); at != "/openapi.json" || !strings.Contains(page, `"security":[{"operator":[]}]`) {
		t.Errorf("%s shows %.200s", at, page)
	}
	r, err = http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v1/admission/pause", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if page, _ := read(t, browser, r); !strings.Contains(page, "a page of another site") {
		t.Errorf("a page of another site used the session: %s", page)
	}
}

// read returns the page that a browser ends up on, and its path.
func read(t *testing.T, browser *http.Client, r *http.Request) (page, at string) {
	t.Helper()
	answer, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content), answer.Request.URL.RequestURI()
}

// Roles apart have no token of their own making: they serve this machine only.
func TestE2E_no_door_real(t *testing.T) {
	t.Parallel()
	environ := []string{"DATABASE_URL=" + testkit.Postgres(t), "REDIS_URL=" + testkit.Redis(t), "HEYQ_DIR=" + t.TempDir()}
	heyq(t, environ, "migrate", "up").wantOK(t)
	heyq(t, environ, "api", "--addr", ":0").
		want(t, 2, "does not serve other machines without an operator token", "HEYQ_OPERATOR_TOKEN", `HEYQ_ADDR: ":0"`, "127.0.0.1:8080", "PORT")
	heyq(t, append(environ, "PORT=8080"), "config", "check").want(t, 0, "HEYQ_OPERATOR_TOKEN: is not set", "will not serve at :8080")
	api := serve(t, environ, "API ", "api", "--addr", "127.0.0.1:0")
	heyq(t, []string{"HEYQ_URL=" + api}, "videos", "list").wantOK(t)
}
