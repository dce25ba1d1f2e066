package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"heyq/internal/auth"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

// mePage is what me.html reads.
type mePage struct {
	User     *store.User // nil: the holder of the operator token, who has no profile
	Saved    string      // what was done just now
	Profile  form
	Keys     []keyRow
	Scopes   []people.Scope // that a key of the caller's may have
	Key      form           // of a key to be made
	Made     *madeKey       // nil: none was made just now
	Password form
	Logins   []auth.Login // the newest first
	Login    string       // the id of the present one; empty: there is none
	Program  bool         // the caller shows a key, which changes nothing here
}

// me shows the caller's profile and keys.
func (f *Face) me(r *http.Request) (answer, error) {
	q, err := query(r, "saved")
	if err != nil {
		return answer{}, err
	}
	page, err := f.mine(r)
	if q.Has("saved") {
		page.Saved = cmp.Or(saved[q.Get("saved")], "Saved.")
	}
	return answer{page: "me", title: "You", data: page}, err
}

// Others reports whether there is a login but the present one.
func (p mePage) Others() bool {
	return slices.ContainsFunc(p.Logins, func(l auth.Login) bool { return l.ID != p.Login })
}

// saved says what was done.
var saved = map[string]string{
	"password": "Your password is changed, and your other browsers are logged out.",
	"logins":   "Logged out there.",
}

// mine is the page as things are.
func (f *Face) mine(r *http.Request) (page mePage, err error) {
	c := f.Caller(r.Context())
	page.Program = c.Scopes != nil
	page.Key.Values = url.Values{"scopes": {string(people.ReadVideos)}}
	for _, s := range people.Scopes {
		if c.May(s) {
			page.Scopes = append(page.Scopes, s)
		}
	}
	if page.Keys, err = f.keysOf(r, c); err != nil {
		return page, err
	}
	if page.Logins, err = f.Logins.List(r.Context(), c.User); err != nil {
		return page, noLogins(err)
	}
	page.Login = auth.LoginOf(r.Context())
	id, err := uuid.Parse(c.User)
	if err != nil {
		return page, nil
	}
	u, err := f.Users.Get(r.Context(), id)
	if err != nil {
		return page, err
	}
	page.User, page.Profile = &u, form{Values: profileOf(u)}
	return page, nil
}

// profileOf fills a form with what is known of a user.
func profileOf(u store.User) url.Values {
	return url.Values{
		"email": {u.Email}, "role": {string(u.Role)},
		"first_name": {u.Profile.FirstName}, "last_name": {u.Profile.LastName},
		"bio": {u.Profile.Bio}, "time_zone": {u.Profile.TimeZone},
	}
}

// changeMe changes the caller's profile, and nothing else of the caller.
func (f *Face) changeMe(r *http.Request) (answer, error) {
	sent, err := read(r)
	if err != nil {
		return answer{}, err
	}
	own, err := f.Users.Own(r.Context(), f.Caller(r.Context()), "changes no profile")
	if err != nil {
		return answer{}, err
	}
	change := wire.ProfileChange{FirstName: given(sent, "first_name"), LastName: given(sent, "last_name"), Bio: given(sent, "bio"), TimeZone: given(sent, "time_zone")}
	_, wrong := f.Users.Update(r.Context(), own.ID, change.User())
	if wrong == nil {
		return answer{to: "/me?saved=1"}, nil
	}
	page, err := f.mine(r)
	if err != nil {
		return answer{}, err
	}
	page.Profile = form{Values: sent}
	status, ok := page.Profile.refused(wrong, notSaved)
	if !ok {
		return answer{}, wrong
	}
	return answer{status: status, page: "me", title: "You", data: page}, nil
}

const notSaved = "Nothing was saved yet: some of it is not right."
