package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/people"
	"heyq/store"
)

const adas, adasNext = "a few words of ada's", "a few other words of ada's"

// give gives a user a password.
func (h *house) give(c people.Caller, password string) {
	h.Helper()
	id, err := uuid.Parse(c.User)
	h.must(err)
	_, link, err := h.passwords.Link(h.Context(), id, store.Invite)
	h.must(err)
	h.must(h.passwords.Use(h.Context(), link, password))
}

// logsIn logs a browser in, and returns its cookie.
func (h *house) logsIn(agent string, form url.Values) (cookie string) {
	h.Helper()
	p := h.ask("", "POST", "/login", form, "User-Agent", agent)
	if p.status != http.StatusSeeOther {
		h.Fatalf("the login: got %d\n%s", p.status, p.body)
	}
	cookie, _, _ = strings.Cut(p.header.Get("Set-Cookie"), ";")
	return cookie
}

func (h *house) adaLogsIn(agent, password string) (cookie string) {
	h.Helper()
	return h.logsIn(agent, url.Values{"email": {"ada@example.com"}, "password": {password}})
}

// wants is what want is, of who has a login.
func (h *house) wants(status int, cookie, method, target string, form url.Values, words ...string) page {
	h.Helper()
	p := h.ask("", method, target, form, "Cookie", cookie)
	if p.status != status {
		h.Fatalf("%s %s: got %d, want %d\n%s", method, target, p.status, status, p.body)
	}
	for _, w := range words {
		if !strings.Contains(p.body, w) {
			h.Errorf("%s %s does not say %q\n%s", method, target, w, p.body)
		}
	}
	return p
}

func TestMe_password(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.hire("ada", store.RoleMember)
	h.give(ada, adas)
	here, there := h.adaLogsIn("Here/1", adas), h.adaLogsIn("There/1", adas)
	set := func(current, next string) url.Values { return url.Values{"current": {current}, "new": {next}} }
	h.wants(http.StatusUnprocessableEntity, here, "POST", "/me/password", set(adas, "short"), `id="new-wrong"`, "has 5 characters")
	p := h.wants(http.StatusUnprocessableEntity, here, "POST", "/me/password", set("no words of hers", adasNext), `id="current-wrong"`, "is not your password")
	if strings.Contains(p.body, "words of") {
		t.Errorf("the page shows a password: %s", p.body)
	}
	h.wants(http.StatusOK, there, "GET", "/me", nil)
	to := h.wants(http.StatusSeeOther, here, "POST", "/me/password", set(adas, adasNext)).header.Get("Location")
	h.wants(http.StatusOK, here, "GET", to, nil, "Your password is changed")
	h.wants(http.StatusSeeOther, there, "GET", "/me", nil)
	h.adaLogsIn("There/1", adasNext)

	h.callers["program"] = people.Caller{User: ada.User, Role: store.RoleMember, Scopes: []people.Scope{people.ReadVideos}}
	h.want(http.StatusForbidden, "program", "POST", "/me/password", set(adasNext, adas))
	h.want(http.StatusConflict, "owner", "POST", "/me/password", set(adasNext, adas), "no password")
}

func TestMe_logins(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.give(h.hire("ada", store.RoleMember), adas)
	h.hire("alan", store.RoleMember)
	here, there, phone := h.adaLogsIn("Here/1", adas), h.adaLogsIn("There/1", adas), h.adaLogsIn("Phone/1", adas)
	operator := h.logsIn("Operators/1", url.Values{"token": {token}})
	h.wants(http.StatusOK, here, "GET", "/me", nil, "Here/1", "There/1", "Phone/1", "This one", "192.0.2.1", "Log out everywhere else")
	h.wants(http.StatusOK, operator, "GET", "/me", nil, "Operators/1", "This one", "no password")

	list, err := h.logins.List(t.Context(), h.callers["ada"].User)
	h.must(err)
	var id string
	for _, l := range list {
		if l.Agent == "There/1" {
			id = l.ID
		}
	}
	h.want(http.StatusNotFound, "alan", "POST", "/me/logins/"+id+"/end", nil, "See your logins")
	h.callers["program"] = people.Caller{User: h.callers["ada"].User, Role: store.RoleMember, Scopes: []people.Scope{people.ReadVideos}}
	h.want(http.StatusForbidden, "program", "POST", "/me/logins/"+id+"/end", nil)
	h.want(http.StatusForbidden, "program", "POST", "/me/logins/end", nil)
	h.wants(http.StatusOK, there, "GET", "/me", nil)

	h.wants(http.StatusSeeOther, here, "POST", "/me/logins/"+id+"/end", nil)
	h.wants(http.StatusSeeOther, there, "GET", "/me", nil)
	h.wants(http.StatusOK, phone, "GET", "/me", nil)
	h.wants(http.StatusNotFound, here, "POST", "/me/logins/"+id+"/end", nil)
	h.wants(http.StatusSeeOther, here, "POST", "/me/logins/end", nil)
	h.wants(http.StatusSeeOther, phone, "GET", "/me", nil)
	if p := h.wants(http.StatusOK, here, "GET", "/me?saved=logins", nil, "Logged out there", "Here/1"); strings.Contains(p.body, "everywhere else") {
		t.Error("there is no other login, and its end is offered")
	}
	h.want(http.StatusOK, "alan", "GET", "/me", nil, "You are logged in with no browser")
}
