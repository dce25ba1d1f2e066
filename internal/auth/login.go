package auth

import (
	"net/http"
	"net/url"
	"strings"
)

// maxForm is how large a login may be, in bytes.
const maxForm = 16 << 10

// showLogin shows the login page. A browser that has a session already is sent
// on instead.
func (d *Authenticator) showLogin(w http.ResponseWriter, r *http.Request) {
	next := d.local(r.URL.Query().Get("next"))
	if known, _ := d.sessions.known(r, d.overTLS(r)); known {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	d.page(w, http.StatusOK, page{Path: "/login", Next: next})
}

// login begins a session for who sends the token.
func (d *Authenticator) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p := page{Path: "/login", Next: d.local(r.PostFormValue("next"))}
	if !d.token.is(strings.TrimSpace(r.PostFormValue("token"))) { // a user's key begins no session: that would be the operator's
		if wait := d.wrong(r); wait > 0 {
			tellToWait(w, wait)
			p.Wrong = tooMany
			d.page(w, http.StatusTooManyRequests, p)
			return
		}
		askForBearer(w)
		p.Wrong = "that is not heyq's operator token"
		d.page(w, http.StatusUnauthorized, p)
		return
	}
	d.told(r)
	cookie, err := d.sessions.begin(r.Context())
	if err != nil {
		d.log.Info().Err(err).Msg("cannot begin a session")
		p.Wrong = noRedis
		d.page(w, http.StatusServiceUnavailable, p)
		return
	}
	d.setCookie(w, r, cookie)
	http.Redirect(w, r, p.Next, http.StatusSeeOther)
}

// showLogout asks before it ends a session: a link alone, which another site can
// show as well, must not.
func (d *Authenticator) showLogout(w http.ResponseWriter, _ *http.Request) {
	d.page(w, http.StatusOK, page{Path: "/logout"})
}

func (d *Authenticator) logout(w http.ResponseWriter, r *http.Request) {
	if err := d.sessions.end(r, d.overTLS(r)); err != nil {
		d.log.Info().Err(err).Msg("cannot end a session")
		d.page(w, http.StatusServiceUnavailable, page{Path: "/logout", Wrong: noRedis})
		return
	}
	d.setCookie(w, r, "")
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// local returns a path on this server that may be redirected to. It is the
// given path, or home if that leads elsewhere or nowhere.
func (d *Authenticator) local(path string) string {
	u, err := url.Parse(path)
	elsewhere := err != nil || u.Scheme != "" || u.Host != "" || u.User != nil ||
		!strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`)
	if elsewhere || u.Path == "/login" || u.Path == "/logout" {
		return d.home
	}
	return path
}
