package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
)

const cookieName = "heyq_session"

// cookieOf is the name of the cookie. Over TLS it is one that neither another
// host of the domain nor a page without TLS can set (RFC 6265bis).
func cookieOf(overTLS bool) string {
	if overTLS {
		return "__Host-" + cookieName
	}
	return cookieName
}

// setCookie gives the browser a cookie, or takes it away if value is empty. The
// cookie is gone with the browser. How long it is good for is Redis' business.
func (d *Authenticator) setCookie(w http.ResponseWriter, r *http.Request, value string) {
	overTLS := d.overTLS(r)
	c := &http.Cookie{
		Name: cookieOf(overTLS), Value: value, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: overTLS,
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// errStore is in the chain of an error if it was the store that did not answer.
var errStore = errors.New("the store does not answer")

// carries returns the login whose cookie a request carries, and who has it now; nil: there
// is none, or it is over. If a trusted proxy names a user, it is that one, and the login
// has no id.
func (d *Authenticator) carries(r *http.Request) (who any, login Login, err error) {
	if email, told := d.named(r); told {
		who, login.Holder, err = d.byEmail(r.Context(), email)
		return who, login, err
	}
	cookie, err := r.Cookie(cookieOf(d.overTLS(r)))
	if err != nil {
		return nil, Login{}, nil
	}
	login, err = d.logins.find(r.Context(), cookie.Value, d.proxies.addressOf(r).Addr().String())
	if err != nil || login.ID == "" {
		return nil, Login{}, err
	}
	who, err = d.holder(r.Context(), login.Holder)
	return who, login, err
}

// holder returns who a login's holder is now; nil: the login is over.
func (d *Authenticator) holder(ctx context.Context, h Holder) (who any, err error) {
	if h.User == d.operatorID {
		return d.operator, nil
	}
	if d.users == nil {
		return nil, nil
	}
	if who, err = d.users.Who(ctx, h); err != nil {
		return nil, fmt.Errorf("%w: %w", errStore, err)
	}
	return who, nil
}

// enter begins a login, and leads the browser to the page that it asked for. What login
// it had before is over.
func (d *Authenticator) enter(w http.ResponseWriter, r *http.Request, h Holder, next string) error {
	d.leave(r)
	cookie, err := d.logins.begin(r.Context(), h, r.UserAgent(), d.proxies.addressOf(r).Addr().String())
	if err != nil {
		return err
	}
	d.told(r)
	d.setCookie(w, r, cookie)
	d.lead(w, r, h, next)
	return nil
}

// lead leads a browser to the page that it asked for; empty: to one that its user may see.
func (d *Authenticator) lead(w http.ResponseWriter, r *http.Request, h Holder, next string) {
	home := "/"
	if h.User == d.operatorID {
		home = d.home
	}
	http.Redirect(w, r, cmp.Or(next, home), http.StatusSeeOther)
}

// leave ends the login of the request, if it has one.
func (d *Authenticator) leave(r *http.Request) error {
	cookie, err := r.Cookie(cookieOf(d.overTLS(r)))
	if err != nil {
		return nil
	}
	found, err := d.logins.find(r.Context(), cookie.Value, "")
	if err != nil || found.ID == "" {
		return err
	}
	return d.logins.forget(r.Context(), found.Holder.User, found.ID)
}
