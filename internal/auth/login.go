package auth

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxForm is how large a login may be, in bytes.
const maxForm = 16 << 10

// showLogin shows the login page. A browser that has a login already is sent
// on instead.
func (d *Authenticator) showLogin(w http.ResponseWriter, r *http.Request) {
	next := local(r.URL.Query().Get("next"))
	if who, login, _ := d.carries(r); who != nil {
		d.lead(w, r, login.Holder, next)
		return
	}
	d.page(w, http.StatusOK, page{Path: "/login", Next: next})
}

// refusal is why a request gets no login, or sets no password.
type refusal struct {
	status int
	wrong  string
	wait   time.Duration // zero: it may try again at once
}

// login begins a login for who sends the token, or a user's e-mail and password.
func (d *Authenticator) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p := page{Path: "/login", Next: local(r.PostFormValue("next")), Email: strings.TrimSpace(r.PostFormValue("email"))}
	password := r.PostFormValue("password")
	var h Holder
	var no *refusal
	if d.users != nil && (p.Email != "" || password != "") {
		h, no = d.byPassword(r, p.Email, password)
	} else {
		h, no = d.byToken(r, strings.TrimSpace(r.PostFormValue("token")))
	}
	if no == nil {
		if err := d.enter(w, r, h, p.Next); err != nil {
			d.log.Info().Err(err).Msg("cannot begin a login")
			no = &refusal{status: http.StatusServiceUnavailable, wrong: noRedis}
		}
	}
	if no != nil {
		d.refuse(w, r, p, *no)
	}
}

// byToken lets in who sends the operator token. A user's key begins no login: that would
// be the operator's.
func (d *Authenticator) byToken(r *http.Request, shown string) (Holder, *refusal) {
	if d.token.is(shown) {
		return Holder{User: d.operatorID}, nil
	}
	if wait := d.wrong(r); wait > 0 {
		return Holder{}, &refusal{http.StatusTooManyRequests, tooMany, wait}
	}
	return Holder{}, &refusal{status: http.StatusUnauthorized, wrong: "that is not heyq's operator token"}
}

// byPassword lets in a user. A password can be guessed, so who was wrong too often is not
// heard, and each attempt counts as a wrong one until it has turned out to be right. What
// is done, and said, is the same for an e-mail that no user has.
func (d *Authenticator) byPassword(r *http.Request, email, password string) (Holder, *refusal) {
	if wait := d.wrong(r); wait > 0 {
		return Holder{}, &refusal{http.StatusTooManyRequests, tooManyPasswords, wait}
	}
	h, ok, wait, err := d.users.Check(r.Context(), email, password)
	switch {
	case err != nil:
		d.log.Info().Err(err).Msg("cannot look for a password")
		d.right(r)
		return Holder{}, &refusal{http.StatusServiceUnavailable, noUsers, time.Second}
	case wait > 0:
		return Holder{}, &refusal{http.StatusTooManyRequests, tooManyPasswords, wait}
	case !ok:
		return Holder{}, &refusal{status: http.StatusUnauthorized, wrong: "the e-mail or the password is wrong"}
	}
	d.right(r)
	return h, nil
}

// refuse shows a page again with what is wrong. A program reads a problem.
func (d *Authenticator) refuse(w http.ResponseWriter, r *http.Request, p page, no refusal) {
	if no.wait > 0 {
		tellToWait(w, no.wait)
	}
	if no.status == http.StatusUnauthorized {
		askForBearer(w)
	}
	if strings.Contains(r.Header.Get("Accept"), "application/problem+json") {
		writeProblem(w, no.status, no.wrong)
		return
	}
	p.Wrong = no.wrong
	d.page(w, no.status, p)
}

// showLogout asks before it ends a login: a link alone, which another site can
// show as well, must not.
func (d *Authenticator) showLogout(w http.ResponseWriter, _ *http.Request) {
	d.page(w, http.StatusOK, page{Path: "/logout"})
}

func (d *Authenticator) logout(w http.ResponseWriter, r *http.Request) {
	if err := d.leave(r); err != nil {
		d.log.Info().Err(err).Msg("cannot end a login")
		d.page(w, http.StatusServiceUnavailable, page{Path: "/logout", Wrong: noRedis})
		return
	}
	d.setCookie(w, r, "")
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// showPassword shows where a link leads. Looking at it, as a mail program may do, uses
// nothing up.
func (d *Authenticator) showPassword(w http.ResponseWriter, r *http.Request) {
	d.page(w, http.StatusOK, page{Path: "/password", Token: r.URL.Query().Get("token")})
}

// password sets the password of who has a link.
func (d *Authenticator) password(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p := page{Path: "/password", Token: r.PostFormValue("token")}
	if wait := d.wrong(r); wait > 0 {
		d.refuse(w, r, p, refusal{http.StatusTooManyRequests, tooManyPasswords, wait})
		return
	}
	wrong, err := d.users.SetPassword(r.Context(), p.Token, r.PostFormValue("password"))
	switch {
	case err != nil:
		d.log.Info().Err(err).Msg("cannot set a password")
		d.refuse(w, r, p, refusal{http.StatusServiceUnavailable, noUsers, time.Second})
	case wrong != "":
		d.refuse(w, r, p, refusal{status: http.StatusUnprocessableEntity, wrong: wrong})
	default:
		d.right(r)
		d.page(w, http.StatusOK, page{Path: "/login", Said: "the password is set; log in with it"})
	}
}

// local returns a path on this server that may be redirected to: the given one, or
// nothing if that leads elsewhere or nowhere.
func local(path string) string {
	u, err := url.Parse(path)
	elsewhere := err != nil || u.Scheme != "" || u.Host != "" || u.User != nil ||
		!strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`)
	if elsewhere || u.Path == "/login" || u.Path == "/logout" || u.Path == "/password" {
		return ""
	}
	return path
}
