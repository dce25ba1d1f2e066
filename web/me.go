package web

import (
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

// mePage is what me.html reads.
type mePage struct {
	User    *store.User // nil: the holder of the operator token, who has no profile
	Saved   bool
	Profile form
	Keys    []keyRow
	Scopes  []people.Scope // that a key of the caller's may have
	Key     form           // of a key to be made
	Made    *madeKey       // nil: none was made just now
	Program bool           // the caller shows a key, which changes nothing here
}

// me shows the caller's profile and keys.
func (f *Face) me(r *http.Request) (answer, error) {
	q, err := query(r, "saved")
	if err != nil {
		return answer{}, err
	}
	page, err := f.mine(r)
	page.Saved = q.Has("saved")
	return answer{page: "me", title: "You", data: page}, err
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
	page, err := f.mine(r)
	switch {
	case err != nil:
		return answer{}, err
	case page.Program:
		return answer{}, fault.New(fault.Forbidden, "a key changes no profile").WithHint("log in to do it")
	case page.User == nil:
		return answer{}, fault.New(fault.NotFound, "the operator token has no profile").WithHint("make a user of your own among the people")
	}
	change := wire.UserChange{FirstName: given(sent, "first_name"), LastName: given(sent, "last_name"), Bio: given(sent, "bio"), TimeZone: given(sent, "time_zone")}
	if _, err = f.Users.Update(r.Context(), page.User.ID, change); err == nil {
		return answer{to: "/me?saved=1"}, nil
	}
	page.Profile = form{Values: sent}
	status, ok := page.Profile.refused(err, notSaved)
	if !ok {
		return answer{}, err
	}
	return answer{status: status, page: "me", title: "You", data: page}, nil
}

const notSaved = "Nothing was saved yet: some of it is not right."
