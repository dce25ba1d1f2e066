package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heyq/internal/testkit"
	"heyq/store/postgres/postgrestest"
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
	heyq(t, append(environ, "HEYQ_OPERATOR_TOKEN=another-one-of-the-tokens"), "videos", "list").
		want(t, 2, "another operator token", "HEYQ_OPERATOR_TOKEN", "operator-token")
	heyq(t, append(environ, "HEYQ_OPERATOR_TOKEN=short"), "videos", "list").want(t, 2, "HEYQ_OPERATOR_TOKEN", "24 to 512 characters")
	heyq(t, []string{base}, "ready").wantOK(t)

	testBrowser(t, strings.TrimPrefix(base, "HEYQ_URL="), token)

	other := t.TempDir() // the start screen says where the token is
	if said, want := serve(t, nil, "Token ", "up", "--dir", other, "--addr", "127.0.0.1:0"), filepath.Join(other, "operator-token"); said != want {
		t.Errorf("the start screen says that the token is in %s, and it is in %s", said, want)
	}
}

// A proxy that is trusted says that its browser came over TLS: then the session's
// cookie is one that no page without TLS, and no neighbouring name, can set.
func TestE2E_cookie_behind_a_proxy(t *testing.T) {
	t.Parallel()
	for trusted, want := range map[string]string{"": "heyq_session", "HEYQ_TRUSTED_PROXIES=127.0.0.1": "__Host-heyq_session"} {
		environ := startUp(t, trusted)
		base, token := strings.TrimPrefix(environ[1], "HEYQ_URL="), keptToken(t, strings.TrimPrefix(environ[0], "HEYQ_DIR="))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/login", strings.NewReader(url.Values{"token": {token}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-Proto", "https")
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		cookies := answer.Cookies()
		if len(cookies) != 1 || cookies[0].Name != want || cookies[0].Secure != (trusted != "") {
			t.Errorf("with %q: %s, and the cookies %v; want %s", trusted, answer.Status, cookies, want)
		}
	}
}

// testBrowser logs in as a user who wanted to read the documentation.
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
	if page, at := get("/openapi.json"); at != "/openapi.json" || !strings.Contains(page, `"security":[{"key":["videos:write"]}]`) {
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

// Roles apart have one token, which the first of them makes, and their commands
// find it in the folder of the API.
func TestE2E_door_of_roles_apart_real(t *testing.T) {
	t.Parallel()
	shared := []string{"DATABASE_URL=" + postgrestest.URL(t), "REDIS_URL=" + testkit.Redis(t), "HEYQ_SIMULATOR=true"}
	first, second := t.TempDir(), t.TempDir()
	api := serve(t, append(shared, "HEYQ_DIR="+first), "API ", "api", "--addr", "127.0.0.1:0")
	serve(t, append(shared, "HEYQ_DIR="+second), "Dashboard ", "dashboard", "--addr", "127.0.0.1:0")

	token := keptToken(t, first)
	if other := keptToken(t, second); other != token || len(token) < 24 {
		t.Errorf("the dashboard has the token %q, and the API %q", other, token)
	}
	stranger := []string{"HEYQ_URL=" + api, "HEYQ_DIR=" + t.TempDir()}
	heyq(t, stranger, "videos", "list").want(t, 2, "wants its operator token")
	heyq(t, append(stranger, "HEYQ_OPERATOR_TOKEN="+token), "videos", "list").wantOK(t)
	heyq(t, []string{"HEYQ_URL=" + api, "HEYQ_DIR=" + first}, "videos", "list").wantOK(t)

	for _, role := range []string{"worker", "scheduler"} {
		dir := t.TempDir()
		probes := strings.TrimSuffix(serve(t, append(shared, "HEYQ_DIR="+dir, "HEYQ_METRICS_ADDR=127.0.0.1:0"), "Probes ", role), "/healthz")
		for shown, want := range map[string]int{token: http.StatusOK, "heyq_of-another-installation": http.StatusUnauthorized, "": http.StatusUnauthorized} {
			if got := statusWith(t, probes+"/metrics", shown); got != want {
				t.Errorf("the %s answers %d to a scrape with %q, want %d", role, got, shown, want)
			}
		}
	}
}

// statusWith is what a GET with a token is answered.
func statusWith(t *testing.T, url, token string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

func keptToken(t *testing.T, dir string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "operator-token"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(content))
}

// The kept token is shown to the heyq of its folder, and to no other server.
func TestE2E_token_is_shown_to_its_own_heyq_only(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	dir := strings.TrimPrefix(environ[0], "HEYQ_DIR=")
	shown := make(chan string, 10)
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown <- r.Header.Get("Authorization")
		if r.URL.Path == "/v1/admission" { // and to no server that it names
			http.Redirect(w, r, strings.TrimPrefix(environ[1], "HEYQ_URL=")+"/v1/admission", http.StatusTemporaryRedirect)
			return
		}
		_, _ = io.WriteString(w, `{"status":"healthy"}`)
	}))
	t.Cleanup(stranger.Close)
	elsewhere := []string{"HEYQ_DIR=" + dir, "HEYQ_URL=" + stranger.URL}
	heyq(t, elsewhere, "ready").wantOK(t)
	if got := <-shown; got != "" {
		t.Errorf("a stranger on this machine was shown %q", got)
	}
	const given = "HEYQ_OPERATOR_TOKEN=given-for-that-very-server"
	heyq(t, append(elsewhere, given), "ready").wantOK(t)
	if got := <-shown; got != "Bearer given-for-that-very-server" {
		t.Errorf("the server that it was given for was shown %q", got)
	}
	if o := heyq(t, append(elsewhere, given), "admission", "status"); o.code == 0 {
		t.Errorf("a redirect was followed: %s", o.stdout)
	}
	heyq(t, environ, "videos", "list").wantOK(t)
}
