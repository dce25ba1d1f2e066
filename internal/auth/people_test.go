package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"heyq/internal/auth"
)

// members are users who log in by themselves: ada, with one password.
type members struct {
	mu     sync.Mutex
	gone   bool
	away   error
	mark   string
	wait   time.Duration
	asked  int // how often a password was compared
	linked int
}

const adas = "a few words of ada's"

func (m *members) Who(_ context.Context, h auth.Holder) (any, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away != nil || m.gone || h.Mark != m.mark {
		return nil, m.away
	}
	return h.User, nil
}

func (m *members) Check(_ context.Context, email, password string) (auth.Holder, bool, time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	return auth.Holder{User: "ada", Mark: m.mark}, m.wait == 0 && email == "ada@example.com" && password == adas, m.wait, m.away
}

func (m *members) ByEmail(_ context.Context, email string) (any, auth.Holder, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away != nil || m.gone || !strings.EqualFold(email, "ada@example.com") {
		return nil, auth.Holder{}, m.away
	}
	return "ada", auth.Holder{User: "ada", Mark: m.mark}, nil
}

func (m *members) SetPassword(_ context.Context, link, password string) (string, error) {
	if link != "good" {
		return "the link was used", m.away
	}
	m.linked++
	return "", m.away
}

// newPeoplesHouse is a house in which ada may log in.
func newPeoplesHouse(t *testing.T) (*house, *members) {
	t.Helper()
	m := &members{mark: "1"}
	return newHouse(t, func(o *auth.Options) { o.Users = m }), m
}

func passwordForm(email, password, next string) string {
	return url.Values{"email": {email}, "password": {password}, "next": {next}}.Encode()
}

// cookieIn returns the cookie that an answer sets.
func cookieIn(w *httptest.ResponseRecorder) string {
	cookie, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return cookie
}

func (h *house) adaLogsIn(t *testing.T, what ...string) (cookie string) {
	t.Helper()
	got := h.ask("POST", "/login", append([]string{"Form", passwordForm("ada@example.com", adas, "")}, what...)...)
	if got.Code != 303 || got.Header().Get("Location") != "/" {
		t.Fatalf("ada's login: %d %v %s", got.Code, got.Header(), got.Body)
	}
	return cookieIn(got)
}

func TestLogin_of_a_user(t *testing.T) {
	t.Parallel()
	h, m := newPeoplesHouse(t)
	cookie := h.adaLogsIn(t)
	if got := h.ask("GET", "/v1/videos", "Cookie", cookie); got.Body.String() != "welcome, ada" {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
	if got := h.ask("GET", "/login", "Cookie", cookie); got.Code != 303 || got.Header().Get("Location") != "/" {
		t.Errorf("a login when logged in leads to %s", got.Header().Get("Location"))
	}
	if got := h.ask("POST", "/login", "Form", loginForm(token, "")); got.Header().Get("Location") != "/home" {
		t.Errorf("the operator's login leads to %s", got.Header().Get("Location"))
	}

	m.away = errors.New("no database")
	if got := h.ask("GET", "/", "Cookie", cookie); got.Code != 503 || got.Header().Get("Retry-After") == "" {
		t.Errorf("without a database: %d", got.Code)
	}
	m.away, m.gone = nil, true
	if got := h.ask("GET", "/", "Cookie", cookie); got.Code != 401 {
		t.Errorf("of a user who is no more: %d", got.Code)
	}
	m.gone, m.mark = false, "2"
	if got := h.ask("GET", "/", "Cookie", cookie); got.Code != 401 {
		t.Errorf("after another password: %d", got.Code)
	}
	m.mark = "1"
	if got := h.ask("GET", "/", "Cookie", cookie); got.Code != 200 {
		t.Errorf("the login itself was ended: %d", got.Code)
	}
	if got := h.ask("POST", "/logout", "Cookie", cookie); got.Code != 303 {
		t.Errorf("the logout: %d", got.Code)
	}
	if list, err := h.logins.List(t.Context(), "ada"); err != nil || len(list) != 0 {
		t.Errorf("after the logout: %v, %v", list, err)
	}
}

// A cookie that a stranger has given to the browser before is of no use to the stranger.
func TestLogin_has_a_new_cookie(t *testing.T) {
	t.Parallel()
	h, _ := newPeoplesHouse(t)
	made := "heyq_session=ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	first := h.adaLogsIn(t, "Cookie", made)
	if got := h.ask("GET", "/", "Cookie", made); first == made || got.Code != 401 {
		t.Errorf("the stranger's cookie lets in: %d", got.Code)
	}
	second := h.adaLogsIn(t, "Cookie", first)
	if got := h.ask("GET", "/", "Cookie", first); second == first || got.Code != 401 {
		t.Errorf("the cookie from before the login lets in: %d", got.Code)
	}
	if got := h.ask("GET", "/", "Cookie", second); got.Code != 200 {
		t.Errorf("the new one does not: %d", got.Code)
	}
}

// What is answered tells nothing of who has an account.
func TestLogin_tells_no_accounts(t *testing.T) {
	t.Parallel()
	h, m := newPeoplesHouse(t)
	wrong := func(email, password string) string {
		got := h.ask("POST", "/login", "Form", passwordForm(email, password, ""))
		return fmt.Sprint(got.Code, got.Header(), strings.ReplaceAll(got.Body.String(), email, "E-MAIL"))
	}
	known, unknown := wrong("ada@example.com", "wrong"), wrong("alan@example.com", "wrong")
	if known != unknown || !strings.HasPrefix(known, "401") || !strings.Contains(known, "the e-mail or the password is wrong") {
		t.Errorf("a known e-mail is answered\n%s\nand an unknown one\n%s", known, unknown)
	}
	if m.asked != 2 {
		t.Errorf("%d passwords were compared, want 2", m.asked)
	}
	got := h.ask("POST", "/login", "Form", passwordForm("ada@example.com", "wrong", ""), "Accept", "application/json, application/problem+json")
	if got.Header().Get("Content-Type") != "application/problem+json" || got.Code != 401 {
		t.Errorf("a program is answered %d %v", got.Code, got.Header())
	}
}

// A password can be guessed, so who was wrong too often is not heard for a minute, and
// costs no hash. The token cannot, and lets in.
func TestLogin_is_slowed_by_address(t *testing.T) {
	t.Parallel()
	h, m := newPeoplesHouse(t)
	try := func(from, password string) int {
		return h.ask("POST", "/login", "From", from, "Form", passwordForm("ada@example.com", password, "")).Code
	}
	for range 20 { // who is right is not counted
		if got := try("192.0.2.1:1", adas); got != 303 {
			t.Fatalf("the right one: %d", got)
		}
	}
	for range 10 {
		try("192.0.2.1:1", "wrong")
	}
	asked := m.asked
	for range 100 {
		if got := try("192.0.2.1:1", adas); got != 429 {
			t.Fatalf("after ten wrong ones: %d", got)
		}
	}
	if m.asked != asked {
		t.Errorf("%d more were compared", m.asked-asked)
	}
	if got := h.ask("POST", "/login", "From", "192.0.2.1:1", "Form", loginForm(token, "")).Code; got != 303 {
		t.Errorf("the token from there: %d", got)
	}
	if got := try("192.0.2.2:1", adas); got != 303 {
		t.Errorf("from elsewhere: %d", got)
	}
	m.wait = time.Minute
	if got := h.ask("POST", "/login", "Form", passwordForm("ada@example.com", adas, "")); got.Code != 429 || got.Header().Get("Retry-After") != "60" {
		t.Errorf("too many for the e-mail: %d, Retry-After %s", got.Code, got.Header().Get("Retry-After"))
	}
}

func TestLogin_of_a_user_leads_nowhere_else(t *testing.T) {
	t.Parallel()
	h, _ := newPeoplesHouse(t)
	for next, want := range map[string]string{
		"": "/", "/docs": "/docs", "//evil.example": "/", `/\evil.example`: "/", "https://evil.example": "/", "javascript:alert(1)": "/",
		"/\r\nSet-Cookie: a=b": "/", "/login": "/", "/logout": "/", "/password?token=x": "/",
	} {
		got := h.ask("POST", "/login", "Form", passwordForm("ada@example.com", adas, next))
		if where := got.Header().Get("Location"); where != want {
			t.Errorf("%q leads to %q, want %q", next, where, want)
		}
	}
}

func TestLogins_are_listed_and_ended(t *testing.T) {
	t.Parallel()
	h, m := newPeoplesHouse(t)
	first := h.adaLogsIn(t, "User-Agent", "first “ä”", "From", "192.0.2.1:5")
	h.now = h.now.Add(time.Minute)
	second := h.adaLogsIn(t, "User-Agent", strings.Repeat("long", 1000), "From", "[2001:db8::1]:5")
	cookieIn(h.ask("POST", "/login", "Form", loginForm(token, "")))
	h.ask("GET", "/", "Cookie", first, "From", "192.0.2.9:5")

	list, err := h.logins.List(t.Context(), "ada")
	if err != nil || len(list) != 2 {
		t.Fatalf("got %v, %v", list, err)
	}
	if l := list[1]; l.Agent != "first “ä”" || l.Address != "192.0.2.9" || l.Begun.Unix() != h.now.Add(-time.Minute).Unix() || l.Used.Unix() != h.now.Unix() {
		t.Errorf("the older one is %+v", l)
	}
	if len(list[0].Agent) > 300 || strings.Contains(first+second, list[0].ID) {
		t.Errorf("the newer one is %+v", list[0])
	}

	operators, err := h.logins.List(t.Context(), "operator")
	if err != nil || len(operators) != 1 {
		t.Fatalf("the operator's: %v, %v", operators, err)
	}
	for _, id := range []string{operators[0].ID, "", "x", list[0].ID + "x"} {
		if ok, err := h.logins.End(t.Context(), "ada", id); ok || err != nil {
			t.Errorf("ada ended %q, which is not hers: %v", id, err)
		}
	}
	if ok, err := h.logins.End(t.Context(), "ada", list[1].ID); !ok || err != nil {
		t.Errorf("ended: %t, %v", ok, err)
	}
	if a, b := h.ask("GET", "/", "Cookie", first).Code, h.ask("GET", "/", "Cookie", second).Code; a != 401 || b != 200 {
		t.Errorf("the ended one gets %d, the other one %d", a, b)
	}

	third := h.adaLogsIn(t)
	m.mark = "2"
	if n, err := h.logins.EndOthers(t.Context(), auth.Holder{User: "ada", Mark: "2"}, list[0].ID); n != 1 || err != nil {
		t.Errorf("ended %d others, %v", n, err)
	}
	if a, b := h.ask("GET", "/", "Cookie", second).Code, h.ask("GET", "/", "Cookie", third).Code; a != 200 || b != 401 {
		t.Errorf("the present one gets %d, the other one %d", a, b)
	}
	if n, err := h.logins.EndOthers(t.Context(), auth.Holder{User: "ada"}, ""); n != 1 || err != nil || h.ask("GET", "/", "Cookie", second).Code != 401 {
		t.Errorf("ended %d of all, %v", n, err)
	}
	if got, err := h.logins.List(t.Context(), "operator"); err != nil || len(got) != 1 {
		t.Errorf("the operator's: %v, %v", got, err)
	}
}

// Logging in again and again fills no memory, and neither does what is over.
func TestLogins_are_bounded(t *testing.T) {
	t.Parallel()
	h, _ := newPeoplesHouse(t)
	first := h.adaLogsIn(t)
	for range 150 {
		h.now = h.now.Add(time.Second)
		h.adaLogsIn(t)
	}
	if list, err := h.logins.List(t.Context(), "ada"); err != nil || len(list) != 100 || len(h.redis.Keys()) != 101 {
		t.Errorf("%d logins in %d keys, %v; want 100 and their list", len(list), len(h.redis.Keys()), err)
	}
	if got := h.ask("GET", "/", "Cookie", first).Code; got != 401 {
		t.Errorf("the oldest one gets %d", got)
	}
	h.now = h.now.Add(8 * 24 * time.Hour)
	h.redis.FastForward(25 * time.Hour)
	h.adaLogsIn(t)
	if keys := h.redis.Keys(); len(keys) != 2 {
		t.Errorf("a week later there are %v", keys)
	}
}

func TestPassword_by_a_link(t *testing.T) {
	t.Parallel()
	h, m := newPeoplesHouse(t)
	got := h.ask("GET", "/password?token=good%22%3E", "Accept", browser)
	if got.Code != 200 || !strings.Contains(got.Body.String(), `name="token" value="good&#34;&gt;"`) || m.linked != 0 {
		t.Errorf("the page is %d %s, and %d links were used", got.Code, got.Body, m.linked)
	}
	form := func(link string) string { return url.Values{"token": {link}, "password": {"x"}}.Encode() }
	if got := h.ask("POST", "/password", "Form", form("bad")); got.Code != 422 || !strings.Contains(got.Body.String(), "the link was used") {
		t.Errorf("a bad link: %d %s", got.Code, got.Body)
	}
	if got := h.ask("POST", "/password", "Form", form("good")); got.Code != 200 || !strings.Contains(got.Body.String(), "the password is set") || m.linked != 1 {
		t.Errorf("a good one: %d %s", got.Code, got.Body)
	}
	for range 20 {
		h.ask("POST", "/password", "Form", form("bad"))
	}
	if got := h.ask("POST", "/password", "Form", form("good")); got.Code != 429 {
		t.Errorf("after many wrong ones: %d", got.Code)
	}
	if got := newHouse(t).ask("GET", "/password", "Accept", browser); got.Code != 303 {
		t.Errorf("without users there is a page for passwords: %d", got.Code)
	}
}

// A link that is shown to the API counts as one that is shown on the page.
func TestTried_is_slowed_by_address(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	try := func(from, query string) *httptest.ResponseRecorder { return h.ask("POST", "/try"+query, "From", from) }
	for range 20 { // who is right is not counted
		if got := try("192.0.2.1:1", ""); got.Code != 200 || got.Body.String() != "welcome" {
			t.Fatalf("a right one: %d %s", got.Code, got.Body)
		}
	}
	for range 10 {
		if got := try("192.0.2.1:1", "?wrong"); got.Code != 422 {
			t.Fatalf("a wrong one: %d", got.Code)
		}
	}
	if got := try("192.0.2.1:1", ""); got.Code != 429 || got.Header().Get("Retry-After") != "60" || strings.Contains(got.Body.String(), "welcome") {
		t.Errorf("after ten wrong ones: %d, Retry-After %s, %s", got.Code, got.Header().Get("Retry-After"), got.Body)
	}
	if got := try("192.0.2.2:1", ""); got.Code != 200 {
		t.Errorf("from elsewhere: %d", got.Code)
	}
}
