package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"heyq/api"
	"heyq/internal/auth"
	"heyq/people"
	"heyq/store"
)

const operatorToken = "the-operator-token-of-this-test"

// peopled is an API that knows passwords and logins.
func peopled(t *testing.T) option {
	return func(o *api.Options) {
		mini := miniredis.RunT(t)
		r := redis.NewClient(&redis.Options{Addr: mini.Addr(), MaxRetries: -1})
		t.Cleanup(func() { _ = r.Close() })
		s, _ := o.Store.(store.Store)
		o.Users, o.Logins = people.NewUsers(s, r, nil), auth.NewLogins(r, operatorToken, nil)
		o.Passwords = people.NewPasswords(s, o.Users, o.Logins, r)
	}
}

// guarded is an API behind its guard, as a heyq with users has it.
func guarded(t *testing.T) option {
	return func(o *api.Options) {
		peopled(t)(o)
		o.Caller = people.CallerOf
		o.Mounts = map[string]http.Handler{"/monitoring/": http.NotFoundHandler()}
		o.Guard = auth.New(auth.Options{
			Token: operatorToken, Operator: people.Owner(), OperatorID: store.DefaultUser, Find: o.Keys.Bearer,
			Users: people.Members{Users: o.Users, Passwords: o.Passwords}, Tried: []string{"POST /v1/password"}, Logins: o.Logins, Home: "/monitoring/",
		}).Guard
	}
}

var asOperator = []string{"Authorization", "Bearer " + operatorToken}

// invite makes a user and a link for it.
func (h *house) invite(t *testing.T, email, role string) (id, link string) {
	t.Helper()
	var u userAnswer
	h.must(t, http.StatusCreated, "POST", "/v1/users", fmt.Sprintf(`{"email":%q,"role":%q}`, email, role), asOperator...).decode(t, &u)
	return u.ID.String(), h.reset(t, u.ID.String())
}

// reset makes another link for a user.
func (h *house) reset(t *testing.T, id string) string {
	t.Helper()
	var made struct{ URL, Token string }
	h.must(t, http.StatusCreated, "POST", "/v1/users/"+id+"/invite", "", asOperator...).decode(t, &made)
	if made.URL != "http://example.com/password?token="+made.Token {
		t.Errorf("the link is %s", made.URL)
	}
	return made.Token
}

// logIn returns the cookie of a login, as headers.
func (h *house) logIn(t *testing.T, email, password string, headers ...string) []string {
	t.Helper()
	r := h.must(t, http.StatusSeeOther, "POST", "/login", url.Values{"email": {email}, "password": {password}}.Encode(),
		append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
	cookie, _, _ := strings.Cut(r.header.Get("Set-Cookie"), ";")
	return []string{"Cookie", cookie}
}

func (h *house) wantLogin(t *testing.T, cookie []string, status int) {
	t.Helper()
	h.must(t, status, "GET", "/v1/me", "", cookie...)
}

// A user comes in by a link and a password, sees what its role sees, and changes what is
// its own.
func TestSessions(t *testing.T) {
	t.Parallel()
	h := open(t, guarded(t))
	id, link := h.invite(t, "ada@example.com", "member")
	h.must(t, http.StatusNoContent, "POST", "/v1/password", fmt.Sprintf(`{"token":%q,"password":"a few words of mine"}`, link))
	first := h.logIn(t, "Ada@example.com", "a few words of mine", "User-Agent", "first")
	second := h.logIn(t, "ada@example.com", "a few words of mine", "User-Agent", "second")

	var me struct {
		ID, Name, Role, By string
		Scopes             []string
		User               *userAnswer
	}
	h.must(t, http.StatusOK, "GET", "/v1/me", "", first...).decode(t, &me)
	if me.ID != id || me.Role != "member" || me.By != "login" || me.User == nil || me.User.Email != "ada@example.com" || len(me.Scopes) != 2 {
		t.Errorf("got %+v", me)
	}
	h.must(t, http.StatusForbidden, "GET", "/v1/users", "", first...)
	h.must(t, http.StatusForbidden, "POST", "/v1/users/"+id+"/invite", "", first...)
	if p := h.must(t, http.StatusForbidden, "GET", "/monitoring/", "", first...).problem(t); !strings.Contains(p.Detail, "role member has not") {
		t.Errorf("the dashboard says %s", p.Detail)
	}
	h.must(t, http.StatusOK, "PATCH", "/v1/me", `{"first_name":"Ada"}`, first...)
	for _, body := range []string{`{"role":"owner"}`, `{"email":"owner@example.com"}`, `{"active":true}`} {
		h.must(t, http.StatusUnprocessableEntity, "PATCH", "/v1/me", body, first...)
	}
	h.must(t, http.StatusOK, "GET", "/v1/me", "", first...).decode(t, &me)
	equal(t, "after that", []string{me.User.FirstName, me.Role}, []string{"Ada", "member"})

	var made struct{ Secret string }
	h.must(t, http.StatusCreated, "POST", "/v1/keys", `{"name":"mine","scopes":["videos:read"]}`, first...).decode(t, &made)
	key := []string{"Authorization", "Bearer " + made.Secret}
	h.must(t, http.StatusOK, "GET", "/v1/me", "", key...).decode(t, &me)
	if me.By != "key" || me.ID != id || len(me.Scopes) != 1 {
		t.Errorf("a key is %+v", me)
	}
	for _, c := range [][3]string{
		{"PATCH", "/v1/me", `{"first_name":"Eve"}`},
		{"PUT", "/v1/me/password", `{"current":"a few words of mine","new":"a few words of eve"}`},
		{"DELETE", "/v1/sessions", ""},
		{"DELETE", "/v1/sessions/x", ""},
	} {
		h.must(t, http.StatusForbidden, c[0], c[1], c[2], key...)
	}
	h.must(t, http.StatusConflict, "DELETE", "/v1/keys/present", "", first...)
	h.must(t, http.StatusOK, "DELETE", "/v1/keys/present", "", key...)
	h.must(t, http.StatusUnauthorized, "GET", "/v1/me", "", key...)

	p := h.must(t, http.StatusUnprocessableEntity, "PUT", "/v1/me/password", `{"current":"wrong","new":"a few other words"}`, second...).problem(t)
	equal(t, "a wrong current one", p.locations(), []string{"body.current"})
	h.must(t, http.StatusNoContent, "PUT", "/v1/me/password", `{"current":"a few words of mine","new":"a few other words"}`, second...)
	h.wantLogin(t, first, http.StatusUnauthorized)
	h.wantLogin(t, second, http.StatusOK)
	h.must(t, http.StatusNoContent, "POST", "/v1/password", fmt.Sprintf(`{"token":%q,"password":"yet a few other words"}`, h.reset(t, id)))
	h.wantLogin(t, second, http.StatusUnauthorized)

	third := h.logIn(t, "ada@example.com", "yet a few other words")
	h.must(t, http.StatusOK, "PATCH", "/v1/users/"+id, `{"role":"manager"}`, asOperator...)
	h.must(t, http.StatusOK, "GET", "/v1/me", "", third...).decode(t, &me)
	equal(t, "the role is read now", me.Role, "manager")
	h.must(t, http.StatusOK, "PATCH", "/v1/users/"+id, `{"active":false}`, asOperator...)
	h.wantLogin(t, third, http.StatusUnauthorized)
	h.must(t, http.StatusConflict, "POST", "/v1/users/"+id+"/invite", "", asOperator...)
	h.must(t, http.StatusOK, "PATCH", "/v1/users/"+id, `{"active":true}`, asOperator...)
	h.wantLogin(t, third, http.StatusOK)
	h.must(t, http.StatusNoContent, "DELETE", "/v1/users/"+id, "", asOperator...)
	h.wantLogin(t, third, http.StatusUnauthorized)
	if strings.Contains(h.log.String(), "words") {
		t.Errorf("a password is in the log:\n%s", h.log)
	}
}

// Another's session is not there, whatever is done to it.
func TestSessions_are_their_users_own(t *testing.T) {
	t.Parallel()
	h := open(t, guarded(t))
	cookies := map[string][]string{"operator": asOperator}
	for _, name := range []string{"ada", "alan"} {
		_, link := h.invite(t, name+"@example.com", "member")
		h.must(t, http.StatusNoContent, "POST", "/v1/password", fmt.Sprintf(`{"token":%q,"password":"a few words of mine"}`, link))
		cookies[name] = h.logIn(t, name+"@example.com", "a few words of mine")
	}
	list := func(name string) (ids []string) {
		var answer struct {
			Sessions []struct {
				ID      string
				Present bool
			}
		}
		h.must(t, http.StatusOK, "GET", "/v1/sessions", "", cookies[name]...).decode(t, &answer)
		for _, s := range answer.Sessions {
			ids = append(ids, s.ID)
			if !s.Present {
				t.Errorf("%s's only session is not the present one", name)
			}
		}
		return ids
	}
	adas, alans := list("ada"), list("alan")
	if len(adas) != 1 || len(alans) != 1 || adas[0] == alans[0] || len(list("operator")) != 0 {
		t.Fatalf("ada has %v, alan %v", adas, alans)
	}
	theirs := h.must(t, http.StatusNotFound, "DELETE", "/v1/sessions/"+adas[0], "", cookies["alan"]...)
	none := h.must(t, http.StatusNotFound, "DELETE", "/v1/sessions/"+strings.Repeat("0", 32), "", cookies["alan"]...)
	equal(t, "another's", tidy(theirs.body, adas[0]), tidy(none.body, strings.Repeat("0", 32)))
	h.must(t, http.StatusNotFound, "DELETE", "/v1/sessions/"+adas[0], "", asOperator...)
	h.must(t, http.StatusOK, "DELETE", "/v1/sessions", "", cookies["alan"]...)
	h.wantLogin(t, cookies["alan"], http.StatusUnauthorized)
	h.wantLogin(t, cookies["ada"], http.StatusOK)
	h.must(t, http.StatusNoContent, "DELETE", "/v1/sessions/"+adas[0], "", cookies["ada"]...)
	h.wantLogin(t, cookies["ada"], http.StatusUnauthorized)
}

// A page of another site can log no browser in or out, set no password, and use no login.
func TestSessions_and_pages_of_other_sites(t *testing.T) {
	t.Parallel()
	h := open(t, guarded(t))
	_, link := h.invite(t, "ada@example.com", "owner")
	h.must(t, http.StatusNoContent, "POST", "/v1/password", fmt.Sprintf(`{"token":%q,"password":"a few words of mine"}`, link))
	cookie := h.logIn(t, "ada@example.com", "a few words of mine")
	login := url.Values{"email": {"ada@example.com"}, "password": {"a few words of mine"}}.Encode()
	for _, from := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		for _, c := range [][3]string{
			{"POST", "/login", login},
			{"POST", "/login", url.Values{"token": {operatorToken}}.Encode()},
			{"POST", "/logout", ""},
			{"POST", "/password", "token=x&password=y"},
			{"POST", "/v1/password", `{}`},
			{"PUT", "/v1/me/password", `{}`},
			{"DELETE", "/v1/sessions", ""},
			{"POST", "/v1/videos", hello},
		} {
			r := h.call(t, c[0], c[1], c[2], append(append([]string{}, cookie...), append(from, "Content-Type", "application/x-www-form-urlencoded")...)...)
			if r.status != http.StatusForbidden || r.header.Get("Set-Cookie") != "" {
				t.Errorf("%s %s with %v: %d %v", c[0], c[1], from, r.status, r.header)
			}
		}
	}
	h.wantLogin(t, cookie, http.StatusOK)
	equal(t, "videos", h.videos(t), 0)
}

// Strangers reach it, so what they can have it keep is small.
func TestPassword_takes_small_bodies(t *testing.T) {
	t.Parallel()
	h := open(t, guarded(t))
	long := fmt.Sprintf(`{"token":"x","password":%q}`, strings.Repeat("x", 16<<10))
	h.must(t, http.StatusRequestEntityTooLarge, "POST", "/v1/password", long)
	h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/password", `{"token":"x","password":"a few words of mine"}`)
	for range 10 {
		h.call(t, "POST", "/v1/password", `{}`)
	}
	h.must(t, http.StatusTooManyRequests, "POST", "/v1/password", `{}`)
}
