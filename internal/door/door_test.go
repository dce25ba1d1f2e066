package door_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/internal/door"
)

const token = "the-operator-token-of-this-test"

// house is a door, with something behind it that greets.
type house struct {
	http.Handler
	redis *miniredis.Miniredis
	now   time.Time
	log   bytes.Buffer
}

func newHouse(t *testing.T, change ...func(*door.Options)) *house {
	t.Helper()
	h := &house{redis: miniredis.RunT(t), now: time.Now()}
	client := redis.NewClient(&redis.Options{Addr: h.redis.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	o := door.Options{
		Token: token, Open: []string{"GET /healthz", "/hook/{id}"}, Sessions: client, Home: "/home",
		Logger: zerolog.New(&h.log), Now: func() time.Time { return h.now },
	}
	for _, c := range change {
		c(&o)
	}
	h.Handler = door.New(o).Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "welcome") }))
	return h
}

// ask sends a request. what are pairs: a header's name and its value, or From and
// an address, or Form and the body of a form.
func (h *house) ask(method, target string, what ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(what); i += 2 {
		switch name, value := what[i], what[i+1]; name {
		case "From":
			r.RemoteAddr = value
		case "Form":
			with := httptest.NewRequest(method, target, strings.NewReader(value))
			with.RemoteAddr, with.Header = r.RemoteAddr, r.Header
			r = with
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		default:
			r.Header.Set(name, value)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func loginForm(token, next string) string {
	return url.Values{"token": {token}, "next": {next}}.Encode()
}

const (
	browser = "text/html,application/xhtml+xml,*/*;q=0.8"
	bearer  = "Bearer " + token
)

func TestGuard(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, c := range []struct {
		method, target, header, value string
		want                          int
	}{
		{"GET", "/v1/videos", "Authorization", bearer, 200},
		{"POST", "/v1/videos", "Authorization", "bearer  " + token, 200},
		{"GET", "/v1/videos", "Authorization", bearer + "x", 401},
		{"GET", "/v1/videos", "Authorization", "Bearer", 401},
		{"GET", "/v1/videos", "Authorization", "Basic " + token, 401},
		{"GET", "/v1/videos", "Cookie", "heyq_session=" + token, 401},
		{"GET", "/v1/videos", "Accept", "application/json", 401},
		{"GET", "/v1/videos", "Accept", browser, 303},
		{"GET", "/healthz", "", "", 200},
		{"HEAD", "/healthz", "", "", 200},
		{"POST", "/healthz", "", "", 401},
		{"GET", "/healthz/", "", "", 401},
		{"POST", "/hook/7", "", "", 200},
		{"POST", "/hook/7/8", "", "", 401},
		{"POST", "/hook/..%2Fv1", "", "", 200}, // a name, and no way out
		{"POST", "/hook/../v1", "", "", 307},   // to /v1, which asks
		{"POST", "/v1", "", "", 401},
		{"GET", "/nowhere", "", "", 401},
	} {
		if got := h.ask(c.method, c.target, c.header, c.value); got.Code != c.want {
			t.Errorf("%s %s with %s %q: got %d, want %d", c.method, c.target, c.header, c.value, got.Code, c.want)
		}
	}
}

func TestGuard_tells_programs_what_to_do(t *testing.T) {
	t.Parallel()
	got := newHouse(t).ask("GET", "/v1/videos")
	var p struct {
		Title, Detail string
		Status        int
	}
	if err := json.Unmarshal(got.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if got.Header().Get("Content-Type") != "application/problem+json" || p.Status != 401 || p.Title != "Unauthorized" ||
		!strings.Contains(p.Detail, "HEYQ_OPERATOR_TOKEN") || !strings.HasPrefix(got.Header().Get("WWW-Authenticate"), "Bearer") {
		t.Errorf("got %v %+v", got.Header(), p)
	}
}

func TestGuard_counts_failures_by_address(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	try := func(from, token string) *httptest.ResponseRecorder {
		return h.ask("GET", "/", "From", from, "Authorization", "Bearer "+token, "X-Forwarded-For", "192.0.2.200")
	}
	for i := range 10 {
		if got := try("192.0.2.1:1000", "wrong"); got.Code != 401 {
			t.Fatalf("failure %d: got %d", i+1, got.Code)
		}
		h.now = h.now.Add(time.Second)
	}
	for _, shown := range []string{"wrong", token} {
		if got := try("192.0.2.1:2000", shown); got.Code != 429 || got.Header().Get("Retry-After") != "50" {
			t.Errorf("got %d, Retry-After %q", got.Code, got.Header().Get("Retry-After"))
		}
	}
	if got := h.ask("POST", "/login", "From", "192.0.2.1:3000", "Form", loginForm(token, "")); got.Code != 429 {
		t.Errorf("a login from there: got %d, want 429", got.Code)
	}
	if got := try("192.0.2.2:1000", token); got.Code != 200 {
		t.Errorf("the token from elsewhere: got %d, want 200", got.Code)
	}
	if log := h.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, `"address":"192.0.2.1/32"`) || strings.Contains(log, token) {
		t.Errorf("the log says %s", log)
	}

	h.now = h.now.Add(50 * time.Second) // since the first failure a minute has passed
	if got := try("192.0.2.1:1000", "wrong"); got.Code != 401 {
		t.Errorf("after a minute: got %d, want 401", got.Code)
	}
	if got := try("192.0.2.1:1000", token); got.Code != 429 {
		t.Errorf("ten within the last minute: got %d, want 429", got.Code)
	}
	h.now = h.now.Add(time.Second)
	if got := try("192.0.2.1:1000", token); got.Code != 200 {
		t.Errorf("nine within the last minute: got %d, want 200", got.Code)
	}
}

// A machine has a whole /64 of IPv6 addresses to guess from.
func TestGuard_counts_failures_by_network(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 10 {
		h.ask("GET", "/", "From", fmt.Sprintf("[2001:db8::%d]:1", i+1), "Authorization", "Bearer wrong")
	}
	for from, want := range map[string]int{"[2001:db8::ffff]:1": 429, "[2001:db8:0:1::1]:1": 200, "[::ffff:192.0.2.1]:1": 200} {
		if got := h.ask("GET", "/", "From", from, "Authorization", bearer); got.Code != want {
			t.Errorf("%s: got %d, want %d", from, got.Code, want)
		}
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.ask("GET", "/docs?a=1&b=2", "Accept", browser)
	if where := got.Header().Get("Location"); where != "/login?next=%2Fdocs%3Fa%3D1%26b%3D2" {
		t.Fatalf("a browser is sent to %s", where)
	}
	got = h.ask("GET", got.Header().Get("Location"), "Accept", browser)
	if got.Code != 200 || !strings.Contains(got.Body.String(), `name="next" value="/docs?a=1&amp;b=2"`) {
		t.Fatalf("the login page is %d: %s", got.Code, got.Body)
	}
	got = h.ask("POST", "/login", "Form", loginForm("wrong", "/docs?a=1"))
	if got.Code != 401 || got.Header().Get("Set-Cookie") != "" || !strings.Contains(got.Body.String(), `value="/docs?a=1"`) {
		t.Errorf("a wrong token: %d %v %s", got.Code, got.Header(), got.Body)
	}
	got = h.ask("POST", "/login", "Form", loginForm(" "+token+"\n", "/docs?a=1"))
	if got.Code != 303 || got.Header().Get("Location") != "/docs?a=1" {
		t.Fatalf("the token: %d %v", got.Code, got.Header())
	}
	cookie := got.Header().Get("Set-Cookie")
	if !strings.HasSuffix(cookie, "; Path=/; HttpOnly; SameSite=Lax") {
		t.Errorf("the cookie is %s", cookie)
	}
	session, _, _ := strings.Cut(cookie, ";")

	for range 3 { // three times 23 hours: each use counts from anew
		h.redis.FastForward(23 * time.Hour)
		if got := h.ask("GET", "/v1/videos", "Cookie", session); got.Code != 200 {
			t.Fatalf("with the session: got %d", got.Code)
		}
	}
	if got := h.ask("GET", "/login?next=/docs", "Cookie", session); got.Code != 303 || got.Header().Get("Location") != "/docs" {
		t.Errorf("a login when logged in: %d %v", got.Code, got.Header())
	}
	for _, key := range h.redis.Keys() {
		if _, value, _ := strings.Cut(session, "="); strings.Contains(key, value) || strings.Contains(key, token) {
			t.Errorf("Redis tells a secret: %s", key)
		}
	}
	h.redis.FastForward(24 * time.Hour)
	if got := h.ask("GET", "/v1/videos", "Cookie", session); got.Code != 401 {
		t.Errorf("after a day: got %d, want 401", got.Code)
	}
}

func TestLogout(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, _, _ := strings.Cut(h.ask("POST", "/login", "Form", loginForm(token, "")).Header().Get("Set-Cookie"), ";")
	if got := h.ask("GET", "/logout", "Cookie", session); got.Code != 200 || !strings.Contains(got.Body.String(), "Log out") {
		t.Errorf("the page is %d: %s", got.Code, got.Body)
	}
	if got := h.ask("GET", "/", "Cookie", session); got.Code != 200 {
		t.Errorf("looking at the page has ended the session: %d", got.Code)
	}
	got := h.ask("POST", "/logout", "Cookie", session)
	if got.Code != 303 || !strings.Contains(got.Header().Get("Set-Cookie"), "heyq_session=; Path=/; Max-Age=0") {
		t.Errorf("a logout: %d %v", got.Code, got.Header())
	}
	if got := h.ask("GET", "/", "Cookie", session); got.Code != 401 {
		t.Errorf("after it: got %d, want 401", got.Code)
	}
}

func TestLogin_ends_with_the_token(t *testing.T) {
	t.Parallel()
	before := newHouse(t)
	session, _, _ := strings.Cut(before.ask("POST", "/login", "Form", loginForm(token, "")).Header().Get("Set-Cookie"), ";")
	same := redis.NewClient(&redis.Options{Addr: before.redis.Addr()})
	t.Cleanup(func() { _ = same.Close() })
	after := newHouse(t, func(o *door.Options) { o.Token, o.Sessions = "another-token-altogether", same })
	if got := after.ask("GET", "/", "Cookie", session); got.Code != 401 {
		t.Errorf("got %d, want 401", got.Code)
	}
}

func TestLogin_cookie_is_secure_behind_https(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]*house{
		"over TLS":       newHouse(t),
		"behind a proxy": newHouse(t, func(o *door.Options) { o.Secure = true }),
	} {
		target := map[string]string{"over TLS": "https://heyq.example.com/login", "behind a proxy": "/login"}[name]
		if cookie := h.ask("POST", target, "Form", loginForm(token, "")).Header().Get("Set-Cookie"); !strings.Contains(cookie, "; Secure") {
			t.Errorf("%s: the cookie is %s", name, cookie)
		}
	}
}

func TestLogin_leads_nowhere_else(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for next, want := range map[string]string{
		"": "/home", "/docs": "/docs", "/docs?a=b#c": "/docs?a=b#c",
		"//evil.example": "/home", `/\evil.example`: "/home", `\/evil.example`: "/home", "https://evil.example": "/home", "evil.example": "/home",
		"javascript:alert(1)": "/home", "/\tevil": "/home", "/\r\nSet-Cookie: a=b": "/home", "http:/docs": "/home",
		"/login": "/home", "/logout": "/home", "/login?next=/docs": "/home",
	} {
		if got := h.ask("POST", "/login", "Form", loginForm(token, next)).Header().Get("Location"); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestLogin_page_loads_nothing(t *testing.T) {
	t.Parallel()
	got := newHouse(t).ask("GET", "/login", "Accept", browser)
	policy := got.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %v", got.Header())
	}
	for _, link := range regexp.MustCompile(`(?:src|href|action)="([^"]*)"`).FindAllStringSubmatch(got.Body.String(), -1) {
		if link[1] != "data:," && link[1] != "/login" {
			t.Errorf("the page leads to %s", link[1])
		}
	}
	if strings.Contains(got.Body.String(), "<script") {
		t.Error("the page has a script")
	}
}

func TestGuard_without_Redis(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, _, _ := strings.Cut(h.ask("POST", "/login", "Form", loginForm(token, "")).Header().Get("Set-Cookie"), ";")
	h.redis.Close()
	if got := h.ask("GET", "/", "Authorization", bearer); got.Code != 200 {
		t.Errorf("a bearer: got %d, want 200", got.Code)
	}
	for name, got := range map[string]*httptest.ResponseRecorder{
		"a session":          h.ask("GET", "/", "Cookie", session, "Accept", browser),
		"a session's script": h.ask("GET", "/", "Cookie", session, "Accept", "application/json"),
		"a login":            h.ask("POST", "/login", "Form", loginForm(token, "")),
		"a logout":           h.ask("POST", "/logout", "Cookie", session),
	} {
		if got.Code != 503 || !strings.Contains(got.Body.String(), "sessions need Redis") {
			t.Errorf("%s: got %d %s", name, got.Code, got.Body)
		}
	}
	if got := h.ask("GET", "/", "Accept", browser); got.Code != 303 {
		t.Errorf("a browser without a session: got %d, want 303", got.Code)
	}
}
