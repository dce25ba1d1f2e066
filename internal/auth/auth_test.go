package auth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/internal/auth"
)

const token = "the-operator-token-of-this-test"

// house is an Authenticator, with something behind it that greets.
type house struct {
	http.Handler
	redis  *miniredis.Miniredis
	logins *auth.Logins
	now    time.Time
	log    bytes.Buffer
}

func newHouse(t *testing.T, change ...func(*auth.Options)) *house {
	t.Helper()
	h := &house{redis: miniredis.RunT(t), now: time.Now()}
	client := redis.NewClient(&redis.Options{Addr: h.redis.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	o := auth.Options{
		Token: token, Open: []string{"GET /healthz", "/hook/{id}"}, Tried: []string{"POST /try"}, Home: "/home", Delay: time.Nanosecond,
		Logger: zerolog.New(&h.log), Now: func() time.Time { return h.now },
	}
	h.logins = auth.NewLogins(client, token, o.Now)
	o.Logins = h.logins
	for _, c := range change {
		c(&o)
	}
	h.Handler = auth.New(o).Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "wrong" {
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
		fmt.Fprint(w, "welcome")
		if user, ok := auth.Who(r.Context()).(string); ok {
			fmt.Fprint(w, ", "+user)
		} else if auth.Known(r.Context()) {
			fmt.Fprint(w, ", operator")
		}
	}))
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

// Wrong tokens are counted by address. The right one passes all the same: a
// stranger behind one proxy with all other clients must not lock them out.
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
	if got := try("192.0.2.1:2000", "wrong"); got.Code != 429 || got.Header().Get("Retry-After") != "50" {
		t.Errorf("one more: got %d, Retry-After %q", got.Code, got.Header().Get("Retry-After"))
	}
	if got := h.ask("POST", "/login", "From", "192.0.2.1:3000", "Form", loginForm("wrong", "")); got.Code != 429 {
		t.Errorf("a wrong login from there: got %d, want 429", got.Code)
	}
	if got := try("192.0.2.1:2000", token); got.Code != 200 {
		t.Errorf("the right token from there: got %d, want 200", got.Code)
	}
	if got := h.ask("POST", "/login", "From", "192.0.2.1:3000", "Form", loginForm(token, "")); got.Code != 303 {
		t.Errorf("a right login from there: got %d, want 303", got.Code)
	}
	if got := try("192.0.2.2:1000", "wrong"); got.Code != 401 {
		t.Errorf("a wrong one from elsewhere: got %d, want 401", got.Code)
	}
	if log := h.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, `"address":"192.0.2.1/32"`) || strings.Contains(log, token) {
		t.Errorf("the log says %s", log)
	}

	h.now = h.now.Add(50 * time.Second) // since the first failure a minute has passed
	if got := try("192.0.2.1:1000", "wrong"); got.Code != 401 {
		t.Errorf("after a minute: got %d, want 401", got.Code)
	}
	if got := try("192.0.2.1:1000", "wrong"); got.Code != 429 {
		t.Errorf("ten within the last minute: got %d, want 429", got.Code)
	}
}

// Who was wrong too often waits for the answer: it is not cheap to guess on.
func TestGuard_answers_guesses_late(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *auth.Options) { o.Delay = time.Hour })
	ask := func(ctx context.Context) (code int) {
		r := httptest.NewRequestWithContext(ctx, "GET", "/", nil)
		r.Header.Set("Authorization", "Bearer wrong")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for range 10 {
		ask(t.Context()) // at once
	}
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	answered := make(chan int)
	go func() { answered <- ask(ctx) }()
	select {
	case code := <-answered:
		t.Errorf("it was answered at once, with %d", code)
	case <-time.After(50 * time.Millisecond): // enough for an answer that does not wait to come
		leave()
		<-answered
	}
}

// What a trusted proxy says of a request is believed, and what other clients
// say is not.
func TestGuard_behind_a_proxy(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *auth.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	wrong := func(from, forwarded string) int {
		return h.ask("GET", "/", "From", from, "Authorization", "Bearer wrong", "X-Forwarded-For", forwarded).Code
	}
	for range 10 {
		wrong("10.0.0.1:1", "198.51.100.1, 192.0.2.1, 10.0.0.2") // the first hop is what the client made up
	}
	for _, c := range []struct {
		from, forwarded string
		want            int
	}{
		{"10.0.0.1:2", "192.0.2.1", 429},
		{"192.0.2.1:1", "", 429},
		{"10.0.0.1:1", "198.51.100.1", 401},
		{"10.0.0.1:1", "192.0.2.7", 401},
		{"192.0.2.8:1", "192.0.2.1", 401}, // any client can say so
		{"10.0.0.1:1", "", 401},
		{"10.0.0.1:1", "no address", 401},
	} {
		if got := wrong(c.from, c.forwarded); got != c.want {
			t.Errorf("%s for %q: got %d, want %d", c.from, c.forwarded, got, c.want)
		}
	}
	login := func(from string) string {
		return h.ask("POST", "/login", "From", from, "X-Forwarded-Proto", "https", "Form", loginForm(token, "")).Header().Get("Set-Cookie")
	}
	if cookie := login("10.0.0.1:1"); !strings.HasPrefix(cookie, "__Host-heyq_session=") {
		t.Errorf("behind TLS the cookie is %s", cookie)
	}
	if cookie := login("192.0.2.9:1"); !strings.HasPrefix(cookie, "heyq_session=") {
		t.Errorf("without, it is %s", cookie)
	}
}

// A page whose name was made to resolve to 127.0.0.1 gets no page and no session,
// and a program that shows the token comes in under any name.
func TestGuard_under_another_name(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *auth.Options) {
		o.Hosts, o.Proxies = []string{"heyq.example.com"}, []netip.Prefix{netip.MustParsePrefix("127.0.0.9/32")}
	})
	session, _, _ := strings.Cut(h.ask("POST", "/login", "Form", loginForm(token, "")).Header().Get("Set-Cookie"), ";")
	ask := func(local, from, host, path string, header ...string) int {
		r := httptest.NewRequest("GET", path, nil)
		r.Host, r.RemoteAddr = host, from
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		at := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(local))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, at)))
		return w.Code
	}
	const loopback, lan = "127.0.0.1:8080", "192.0.2.1:8080"
	for _, host := range []string{"evil.example:8080", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example"} {
		for _, path := range []string{"/login", "/logout", "/docs"} {
			if got := ask(loopback, "127.0.0.1:5", host, path, "Cookie", session); got != 421 {
				t.Errorf("%s as %s: got %d, want 421", path, host, got)
			}
		}
		if got := ask(loopback, "127.0.0.1:5", host, "/docs", "Authorization", bearer); got != 200 {
			t.Errorf("a program as %s: got %d, want 200", host, got)
		}
		if got := ask(loopback, "127.0.0.1:5", host, "/healthz"); got != 200 {
			t.Errorf("a probe as %s: got %d, want 200", host, got)
		}
		if got := ask(lan, "192.0.2.2:5", host, "/docs", "Cookie", session); got != 200 {
			t.Errorf("from another machine as %s: got %d, want 200", host, got)
		}
		if got := ask(loopback, "127.0.0.9:5", host, "/docs", "Cookie", session); got != 200 {
			t.Errorf("through the proxy as %s: got %d, want 200", host, got)
		}
	}
	for _, host := range []string{"127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:8080", "a.localhost:8080", "heyq.example.com", "heyq.example.com:443"} {
		if got := ask(loopback, "127.0.0.1:5", host, "/docs", "Cookie", session); got != 200 {
			t.Errorf("as %s: got %d, want 200", host, got)
		}
	}
}

// What is open to all learns who shows the token.
func TestKnown(t *testing.T) {
	t.Parallel()
	var told int
	h := newHouse(t, func(o *auth.Options) { o.Known = func(*http.Request) { told++ } })
	session, _, _ := strings.Cut(h.ask("POST", "/login", "Form", loginForm(token, "")).Header().Get("Set-Cookie"), ";")
	before := told
	for _, c := range []struct{ path, header, value, want string }{
		{"/healthz", "", "", "welcome"},
		{"/healthz", "Authorization", bearer + "x", "welcome"},
		{"/healthz", "Authorization", bearer, "welcome, operator"},
		{"/healthz", "Cookie", session, "welcome, operator"},
		{"/v1", "Authorization", bearer, "welcome, operator"},
	} {
		if got := h.ask("GET", c.path, c.header, c.value).Body.String(); got != c.want {
			t.Errorf("%s with %s %s: got %q, want %q", c.path, c.header, c.value, got, c.want)
		}
	}
	if before != 1 || told != 4 {
		t.Errorf("the server was told of %d logins and %d others, want 1 and 3", before, told-before)
	}
}

// However often it is used, a session ends a week after the login.
func TestLogin_ends_after_a_week(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, _, _ := strings.Cut(h.ask("POST", "/login", "Form", loginForm(token, "")).Header().Get("Set-Cookie"), ";")
	for day := range 7 {
		if got := h.ask("GET", "/", "Cookie", session); got.Code != 200 || got.Header().Get("Cache-Control") != "no-store" {
			t.Fatalf("on day %d: %d %v", day, got.Code, got.Header())
		}
		h.now = h.now.Add(23 * time.Hour)
		h.redis.FastForward(23 * time.Hour)
	}
	h.now = h.now.Add(7 * time.Hour)
	if got := h.ask("GET", "/", "Cookie", session); got.Code != 401 {
		t.Errorf("after a week: got %d, want 401", got.Code)
	}
}

// A machine has a whole /64 of IPv6 addresses to guess from.
func TestGuard_counts_failures_by_network(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 10 {
		h.ask("GET", "/", "From", fmt.Sprintf("[2001:db8::%d]:1", i+1), "Authorization", "Bearer wrong")
	}
	for from, want := range map[string]int{"[2001:db8::ffff]:1": 429, "[2001:db8:0:1::1]:1": 401, "[::ffff:192.0.2.1]:1": 401} {
		if got := h.ask("GET", "/", "From", from, "Authorization", "Bearer wrong"); got.Code != want {
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
	after := newHouse(t, func(o *auth.Options) {
		o.Token = "another-token-altogether"
		o.Logins = auth.NewLogins(same, o.Token, nil)
	})
	if got := after.ask("GET", "/", "Cookie", session); got.Code != 401 {
		t.Errorf("got %d, want 401", got.Code)
	}
}

func TestLogin_cookie_is_secure_behind_https(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]*house{
		"over TLS":       newHouse(t),
		"behind a proxy": newHouse(t, func(o *auth.Options) { o.Secure = true }),
	} {
		target := map[string]string{"over TLS": "https://heyq.example.com/login", "behind a proxy": "/login"}[name]
		cookie := h.ask("POST", target, "Form", loginForm(token, "")).Header().Get("Set-Cookie")
		if !strings.HasPrefix(cookie, "__Host-heyq_session=") || !strings.Contains(cookie, "; Path=/; HttpOnly; Secure; ") {
			t.Errorf("%s: the cookie is %s", name, cookie)
		}
		session, _, _ := strings.Cut(cookie, ";")
		if got := h.ask("GET", strings.TrimSuffix(target, "login"), "Cookie", session); got.Code != 200 {
			t.Errorf("%s: the session is not known: %d", name, got.Code)
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

// Who sent a request that goes on for long is asked anew: an end of the key, or of the
// login, is seen; that it cannot be told is an error, and no guess at a token.
func TestAgain(t *testing.T) {
	t.Parallel()
	known, away := true, false
	var asked context.Context
	behind := auth.New(auth.Options{
		Token: token, Operator: "operator", Home: "/", Find: func(_ context.Context, bearer string) (any, error) {
			switch {
			case away:
				return nil, context.DeadlineExceeded
			case known && bearer == "a-key":
				return "ada", nil
			}
			return nil, nil
		},
	}).Guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = r.Context() }))
	for shown, want := range map[string]any{"a-key": "ada", token: "operator"} {
		r := httptest.NewRequest(http.MethodGet, "/v1/events", nil)
		r.Header.Set("Authorization", "Bearer "+shown)
		behind.ServeHTTP(httptest.NewRecorder(), r)
		if who, err := auth.Again(asked); err != nil || who != want {
			t.Errorf("it is %v, %v, want %v", who, err, want)
		}
		away = true
		if who, err := auth.Again(asked); (err == nil) != (want == "operator") || (want == "operator") != (who == "operator") {
			t.Errorf("without an answer %v is %v, %v", want, who, err)
		}
		away, known = false, false
		if who, err := auth.Again(asked); err != nil || (want == "ada") != (who == nil) {
			t.Errorf("after its end %v is %v, %v", want, who, err)
		}
		known = true
	}
	if who, err := auth.Again(t.Context()); who != nil || err != nil {
		t.Errorf("a request without a guard is %v's, %v", who, err)
	}
}
