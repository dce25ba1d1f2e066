package auth_test

import (
	"errors"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"heyq/internal/auth"
)

const userHeader = "X-Forwarded-Email"

func newProxiedHouse(t *testing.T) (*house, *members) {
	t.Helper()
	m := &members{mark: "1"}
	return newHouse(t, func(o *auth.Options) {
		o.Users, o.Header, o.Proxies = m, userHeader, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	}), m
}

const proxy, stranger = "10.1.2.3:9", "192.0.2.1:9"

func TestTrustedHeader(t *testing.T) {
	t.Parallel()
	h, m := newProxiedHouse(t)
	for _, c := range []struct {
		from, says string
		want       int
	}{
		{proxy, "ada@example.com", 200},
		{proxy, "  ADA@example.com ", 200},
		{proxy, "alan@example.com", 403},
		{proxy, "ada@example.com, alan@example.com", 403},
		{proxy, "ada@example.com,", 403},
		{proxy, "", 401},
		{proxy, " ", 401},
		{stranger, "ada@example.com", 401},
		{"[::1]:9", "ada@example.com", 401},
		{"@", "ada@example.com", 401}, // a socket's
	} {
		got := h.ask("GET", "/v1/videos", "From", c.from, userHeader, c.says)
		if got.Code != c.want || got.Code == 200 && got.Body.String() != "welcome, ada" {
			t.Errorf("%s says %q: got %d %s, want %d", c.from, c.says, got.Code, got.Body, c.want)
		}
	}
	if got := h.ask("GET", "/login", "From", proxy, userHeader, "ada@example.com", "Accept", browser); got.Code != 303 || got.Header().Get("Location") != "/" {
		t.Errorf("the login page: %d %v", got.Code, got.Header())
	}
	if got := h.ask("GET", "/", "From", proxy, userHeader, "alan@example.com", "Accept", browser); got.Code != 403 ||
		!strings.Contains(got.Body.String(), "alan@example.com") || strings.Contains(got.Body.String(), "ada@") {
		t.Errorf("a browser of an unknown user: %d %s", got.Code, got.Body)
	}
	if got := h.ask("GET", "/healthz", "From", proxy, userHeader, "alan@example.com"); got.Code != 200 {
		t.Errorf("an open path: %d", got.Code)
	}
	if keys := h.redis.Keys(); len(keys) != 0 {
		t.Errorf("logins began: %v", keys)
	}

	m.gone = true
	if got := h.ask("GET", "/", "From", proxy, userHeader, "ada@example.com"); got.Code != 403 {
		t.Errorf("a deactivated user: %d", got.Code)
	}
	m.gone, m.away = false, errors.New("no database")
	if got := h.ask("GET", "/", "From", proxy, userHeader, "ada@example.com"); got.Code != 503 || got.Header().Get("Retry-After") == "" {
		t.Errorf("without a database: %d", got.Code)
	}
}

// A stranger who reaches heyq's port, or sends the header through the proxy, is no one.
func TestTrustedHeader_of_strangers(t *testing.T) {
	t.Parallel()
	h, m := newProxiedHouse(t)
	for _, from := range [][]string{
		{"From", stranger},
		{"From", stranger, "X-Forwarded-For", "10.1.2.3"},
		{"From", stranger, "X-Forwarded-For", "10.1.2.3", "X-Forwarded-Proto", "https", "X-Real-Ip", "10.1.2.3", "Forwarded", "for=10.1.2.3"},
	} {
		if got := h.ask("GET", "/", append(from, userHeader, "ada@example.com")...); got.Code != 401 {
			t.Errorf("%v: got %d %s", from, got.Code, got.Body)
		}
	}
	for _, shown := range []struct {
		authorization string
		from          string
		want          int
		body          string
	}{
		{bearer, stranger, 200, "welcome, operator"}, // who shows a token is not who the header names
		{bearer, proxy, 200, "welcome, operator"},
		{"Bearer wrong", stranger, 401, ""},
		{"Bearer wrong", proxy, 401, ""}, // a wrong token is not made right by the header
		{"Bearer", proxy, 401, ""},
		{"Basic YWRhOngK", stranger, 401, ""},
		{"Basic YWRhOngK", proxy, 200, "welcome, ada"}, // between the browser and the proxy
	} {
		got := h.ask("GET", "/", "From", shown.from, "Authorization", shown.authorization, userHeader, "ada@example.com")
		if got.Code != shown.want || shown.body != "" && got.Body.String() != shown.body {
			t.Errorf("%q from %s: got %d %s", shown.authorization, shown.from, got.Code, got.Body)
		}
	}

	twice := func(values ...string) int {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = proxy
		r.Header[userHeader] = values
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for _, values := range [][]string{{"alan@example.com", "ada@example.com"}, {"ada@example.com", "ada@example.com"}, {"", "ada@example.com"}} {
		if got := twice(values...); got != 403 {
			t.Errorf("%q: got %d", values, got)
		}
	}

	// The proxy's word decides, whatever login the browser has.
	cookie := h.adaLogsIn(t, "From", proxy)
	if got := h.ask("GET", "/", "From", proxy, "Cookie", cookie, userHeader, "alan@example.com"); got.Code != 403 {
		t.Errorf("alan with ada's cookie: %d", got.Code)
	}
	if got := h.ask("GET", "/", "From", proxy, "Cookie", cookie); got.Code != 200 {
		t.Errorf("ada's cookie alone: %d", got.Code)
	}

	// Without a name for the header, or without users, no header is believed.
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for what, h := range map[string]*house{
		"no header": newHouse(t, func(o *auth.Options) { o.Users, o.Proxies = m, proxies }),
		"no users":  newHouse(t, func(o *auth.Options) { o.Header, o.Proxies = userHeader, proxies }),
		"no proxy":  newHouse(t, func(o *auth.Options) { o.Users, o.Header = m, userHeader }),
	} {
		if got := h.ask("GET", "/", "From", proxy, userHeader, "ada@example.com"); got.Code != 401 {
			t.Errorf("%s: got %d", what, got.Code)
		}
	}
}
