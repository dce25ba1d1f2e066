package web

import (
	"net/http"

	"heyq/internal/auth"
	"heyq/internal/fault"
	"heyq/people"
)

// setPassword sets the caller's own password, and ends all other logins of the caller.
func (f *Face) setPassword(r *http.Request) (answer, error) {
	sent, err := read(r)
	if err != nil {
		return answer{}, err
	}
	wrong := f.Passwords.Set(r.Context(), f.Caller(r.Context()), sent.Get("current"), sent.Get("new"), auth.LoginOf(r.Context()))
	if wrong == nil {
		return answer{to: "/me?saved=password"}, nil
	}
	page, err := f.mine(r)
	if err != nil {
		return answer{}, err
	}
	if page.Program || page.User == nil { // it has no such form
		return answer{}, wrong
	}
	status, ok := page.Password.refused(wrong, "The password was not changed yet.")
	if !ok {
		return answer{}, wrong
	}
	return answer{status: status, page: "me", title: "You", data: page}, nil
}

// endLogin logs one of the caller's browsers out.
func (f *Face) endLogin(r *http.Request) (answer, error) {
	c, err := f.ender(r)
	if err != nil {
		return answer{}, err
	}
	id := r.PathValue("id")
	ended, err := f.Logins.End(r.Context(), c.User, id)
	switch {
	case err != nil:
		return answer{}, noLogins(err)
	case !ended:
		return answer{}, fault.New(fault.NotFound, "there is no login %.100q", id).WithAdvice(fault.ListSessions, "")
	}
	return answer{to: "/me?saved=logins"}, nil
}

// endOthers logs all of the caller's browsers out but the one that asks.
func (f *Face) endOthers(r *http.Request) (answer, error) {
	c, err := f.ender(r)
	if err != nil {
		return answer{}, err
	}
	list, err := f.Logins.List(r.Context(), c.User)
	if err != nil {
		return answer{}, noLogins(err)
	}
	holder, present := auth.Holder{User: c.User}, auth.LoginOf(r.Context())
	for _, l := range list {
		if l.ID == present {
			holder = l.Holder // under which it goes on
		}
	}
	if _, err := f.Logins.EndOthers(r.Context(), holder, present); err != nil {
		return answer{}, noLogins(err)
	}
	return answer{to: "/me?saved=logins"}, nil
}

// ender is the caller, unless it shows a key: a program that lost one must not log people
// out.
func (f *Face) ender(r *http.Request) (people.Caller, error) {
	c := f.Caller(r.Context())
	if c.Scopes != nil {
		return c, fault.New(fault.Forbidden, "a key ends no logins").WithHint("log in to do it")
	}
	return c, nil
}

func noLogins(err error) error {
	return fault.Wrap(err, fault.Unavailable, "logins are in Redis, which does not answer").WithHint("try again in a moment")
}
