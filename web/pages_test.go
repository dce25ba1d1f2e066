package web_test

import (
	"cmp"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/people"
	"heyq/store"
	"heyq/web"
)

// inside is what a page must not have in it, since its policy forbids that: a style or a
// script of its own.
var inside = regexp.MustCompile(`(?i)<style|\sstyle=|\son\w+=|<script(?:[^>]*[^"])?>[^<]|javascript:`)

// Each page is kept by no cache, is in no frame, and loads from here alone.
func TestPages_are_strict(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.hire("ada", store.RoleMember)
	film, broken := h.completed(ada.User, "Hello"), h.broken(ada.User, "Oh")
	queued := h.make(ada.User, "Soon")
	for _, path := range []string{
		"/videos", "/videos?state=failed", "/videos/new", "/videos/" + film.ID.String(), "/videos/" + broken.ID.String(),
		"/videos/" + broken.ID.String() + "/retry", "/videos/" + queued.ID.String() + "/cancel", "/me", "/people", "/people/new",
		"/people/" + ada.User, "/people/" + ada.User + "/active", "/nowhere", "/videos?state=none", "/videos/" + uuid.NewString(), "/v1/nothing",
	} {
		p := h.ask("owner", "GET", path, nil)
		policy := p.header.Get("Content-Security-Policy")
		if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") ||
			!strings.Contains(policy, "form-action 'self'") || !strings.Contains(policy, "base-uri 'none'") {
			t.Errorf("%s: the policy is %s", path, policy)
		}
		if p.header.Get("Cache-Control") != "no-store" || p.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, p.header)
		}
		if found := inside.FindString(p.body); found != "" {
			t.Errorf("%s has %q in it", path, found)
		}
		if p.header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.HasSuffix(strings.TrimSpace(p.body), "</html>") {
			t.Errorf("%s is no whole page: %v %s", path, p.header, p.body)
		}
		for _, link := range regexp.MustCompile(`(?:src|href|action|poster)="([^"]*)"`).FindAllStringSubmatch(p.body, -1) {
			if link[1] != "" && !strings.HasPrefix(link[1], "/") && !strings.HasPrefix(link[1], "#") {
				t.Errorf("%s leads to %s", path, link[1])
			}
		}
	}
}

// Whatever a title, a script, a name or a failure holds, it is text.
func TestPages_escape(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}`
	ada := h.hire("ada", store.RoleOwner)
	for _, title := range []string{evil, "שלום עולם", "مرحبا", "你好，世界", "Ünïcödé 👋", "-"} {
		v := h.broken(ada.User, title)
		for _, path := range []string{"/videos", "/videos/" + v.ID.String(), "/videos/" + v.ID.String() + "/retry"} {
			p := h.want(http.StatusOK, "ada", "GET", path, nil)
			if strings.Contains(p.body, "<script>alert") || strings.Contains(p.body, "<img src=x") {
				t.Errorf("%s shows %s as it came", path, title)
			}
			if title != evil && !strings.Contains(p.body, title) {
				t.Errorf("%s does not show %s", path, title)
			}
		}
	}
	p := h.want(http.StatusUnprocessableEntity, "ada", "POST", "/videos/new", url.Values{"title": {evil}, "script": {evil}, "avatar_id": {""}})
	p.body += h.want(http.StatusUnprocessableEntity, "ada", "POST", "/people/new", url.Values{"email": {evil}, "first_name": {evil}}).body
	p.body += h.want(http.StatusOK, "ada", "GET", "/people?search="+url.QueryEscape(evil), nil).body
	p.body += h.want(http.StatusBadRequest, "ada", "GET", "/videos?state="+url.QueryEscape(evil), nil).body
	if strings.Contains(p.body, "<script>alert") || strings.Contains(p.body, "<img src=x") {
		t.Error("a form shows what was typed as it came")
	}
}

// Another's video is the same page as one that is not there.
func TestPages_of_anothers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.hire("ada", store.RoleMember)
	h.hire("alan", store.RoleMember)
	v := h.broken(ada.User, "A secret plan")
	plain := func(p page, id string) string {
		return regexp.MustCompile(`[0-9a-f-]{36}`).ReplaceAllString(strings.ReplaceAll(p.body, id, "ID"), "ID")
	}
	for _, path := range []string{"", "/retry", "/cancel"} {
		for _, method := range []string{"GET", "POST"} {
			if path == "" && method == "POST" {
				continue
			}
			absent := uuid.NewString()
			theirs := h.want(http.StatusNotFound, "alan", method, "/videos/"+v.ID.String()+path, nil, "There is nothing here")
			none := h.want(http.StatusNotFound, "alan", method, "/videos/"+absent+path, nil)
			if plain(theirs, v.ID.String()) != plain(none, absent) {
				t.Errorf("%s %s: another's is\n%s\nand none is\n%s", method, path, theirs.body, none.body)
			}
		}
	}
	for query, status := range map[string]int{"": http.StatusOK, "?user=" + ada.User: http.StatusNotFound, "?state=failed": http.StatusOK} {
		if p := h.want(status, "alan", "GET", "/videos"+query, nil); strings.Contains(p.body, "secret plan") || strings.Contains(p.body, v.ID.String()) || strings.Contains(p.body, "Ada") {
			t.Errorf("%s shows another's video", query)
		}
	}
	if h.state(v.ID) != store.Failed {
		t.Error("another's video was changed")
	}
}

// A page is for those whose role has its scope, and shows no link to what it refuses.
func TestPages_by_role(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, role := range store.Roles {
		if role != store.RoleOwner {
			h.hire(string(role), role)
		}
	}
	for path, scope := range map[string]people.Scope{
		"/videos": people.ReadVideos, "/videos/new": people.WriteVideos, "/people": people.Manage, "/people/new": people.Manage, "/me": people.SignedIn,
	} {
		for _, role := range append(store.Roles, "") {
			c := people.Caller{Role: role}
			status := http.StatusOK
			if !c.May(scope) {
				status = http.StatusForbidden
			}
			p := h.want(status, cmp.Or(string(role), "nobody"), "GET", path, nil)
			for link, wants := range map[string]people.Scope{`href="/people"`: people.Manage, `href="/monitoring/"`: people.Operate, `href="/videos/new"`: people.WriteVideos} {
				if strings.Contains(p.body, link) != c.May(wants) {
					t.Errorf("%s as %q: has %s: %t", path, role, link, !c.May(wants))
				}
			}
		}
	}
	h.want(http.StatusForbidden, "viewer", "POST", "/videos/new", url.Values{}, "videos:write", "ask an owner")
	h.want(http.StatusForbidden, "member", "POST", "/people/new", url.Values{"email": {"eve@example.com"}})
}

// A query that means nothing is refused in words.
func TestPages_refuse_hostile_queries(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, path := range []string{
		"/videos?state=done", "/videos?state=", "/videos?page=0", "/videos?page=-1", "/videos?page=99999999999999999999", "/videos?page=1;page=2",
		"/videos?page=1&page=2", "/videos?after=x", "/videos?user=%27%20OR%201=1", "/videos?other=1", "/videos?state=%ff", "/videos?state=%00",
		"/videos?%zz", "/people?page=one", "/people?search=%e2%80%ae", "/me?x=1", "/videos/new?x=1",
		"/people?search=" + strings.Repeat("a", 201),
	} {
		h.want(http.StatusBadRequest, "owner", "GET", path, nil, "That request cannot be read")
	}
	h.want(http.StatusOK, "owner", "GET", "/videos?page=400", nil)
	for _, path := range []string{"/videos/x", "/videos/%2e%2e", "/people/x", "/me/keys/x/revoke", "/nowhere", "/%ff"} {
		if p := h.ask("owner", "GET", path, nil); p.status != http.StatusNotFound && p.status != http.StatusBadRequest || !strings.Contains(p.body, "<h1>") {
			t.Errorf("%s: got %d %s", path, p.status, p.body)
		}
	}
}

// Programs get problems, and browsers pages.
func TestProblems_in_words(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	absent := "/v1/videos/" + uuid.NewString() + "/file"
	h.want(http.StatusNotFound, "owner", "GET", absent, nil, "There is nothing here", "See the videos")
	for _, path := range []string{absent, "/nowhere"} {
		if p := h.ask("owner", "GET", path, nil, "Accept", "application/json"); p.header.Get("Content-Type") != "application/problem+json" || p.status != http.StatusNotFound {
			t.Errorf("%s tells a program %d %v", path, p.status, p.header)
		}
	}
	if p := h.ask("owner", "GET", "/", nil); p.status != http.StatusSeeOther || p.header.Get("Location") != "/videos" {
		t.Errorf("a browser is led to %v", p.header)
	}
	if p := h.ask("owner", "GET", "/", nil, "Accept", "*/*"); p.header.Get("Location") != "/docs/" {
		t.Errorf("a program is led to %v", p.header)
	}
	if p := h.ask("owner", "GET", "/v1/videos", nil); p.status != http.StatusOK || !strings.HasPrefix(p.header.Get("Content-Type"), "application/json") {
		t.Errorf("a browser that asks the API gets %d %v", p.status, p.header)
	}
}

// What another site's page sends does nothing.
func TestForms_of_another_site(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.make(store.DefaultUser, "Soon")
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}} {
		for _, path := range []string{"/videos/new", "/videos/" + v.ID.String() + "/cancel", "/me/keys", "/people/new"} {
			p := h.ask("owner", "POST", path, hello(), headers...)
			if p.status != http.StatusForbidden || !strings.Contains(p.body, "another site") {
				t.Errorf("%s with %v: got %d", path, headers, p.status)
			}
		}
	}
	if h.count() != 1 || h.state(v.ID) != store.Queued {
		t.Error("another site's page has changed something")
	}
}

// A page that fails is a page.
func TestPages_that_fail(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *web.Options) { o.Store = nil })
	p := h.want(http.StatusInternalServerError, "owner", "GET", "/videos", nil, "heyq failed to answer", "request id")
	if strings.Contains(p.body, "nil pointer") || strings.Contains(p.body, "goroutine") {
		t.Errorf("the page tells of the inside: %s", p.body)
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, name := range []string{"style.css", "live.js", "form.js", "icon.svg"} {
		at := web.AssetURL(name)
		p := h.want(http.StatusOK, "", "GET", at, nil)
		if p.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || p.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", at, p.header)
		}
		if !regexp.MustCompile(`\.[0-9a-f]{12}\.`).MatchString(at) {
			t.Errorf("%s has no hash", at)
		}
	}
	h.want(http.StatusNotFound, "", "GET", "/assets/style.css", nil)
	h.want(http.StatusNotFound, "", "GET", "/assets/..%2fweb.go", nil)
}

// The page to log in is package auth's, and in the same colours.
func TestLogin_has_the_same_colours(t *testing.T) {
	t.Parallel()
	var sheets [2]string
	for i, path := range []string{"../internal/auth/page.css", "style.css"} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sheets[i] = string(content)
	}
	colours := regexp.MustCompile(`--[a-z-]+: #[0-9a-f]+;`).FindAllString(sheets[0], -1)
	if len(colours) != 18 {
		t.Errorf("it has %d colours, want 9 in light and 9 in dark", len(colours))
	}
	for _, c := range colours {
		if !strings.Contains(sheets[1], c) {
			t.Errorf("%s is no colour of the pages", c)
		}
	}
}
