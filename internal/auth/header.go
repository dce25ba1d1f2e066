package auth

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// named returns the e-mail that a trusted proxy has put into its header. told is false if
// it says nothing, or if another client says it. An empty e-mail is no user's: a header
// that stands there twice names none, since one of them may be what a stranger sent to the
// proxy, and a comma may be how another proxy has joined the two.
func (d *Authenticator) named(r *http.Request) (email string, told bool) {
	if d.header == "" || d.users == nil || !d.proxies.trusts(peerOf(r)) {
		return "", false
	}
	values := r.Header.Values(d.header)
	if len(values) > 1 || len(values) == 1 && strings.Contains(values[0], ",") {
		return "", true
	}
	email = strings.TrimSpace(strings.Join(values, ""))
	return email, email != ""
}

// byEmail returns the active user of an e-mail; nil: there is none.
func (d *Authenticator) byEmail(ctx context.Context, email string) (who any, h Holder, err error) {
	if email == "" {
		return nil, Holder{}, nil
	}
	if who, h, err = d.users.ByEmail(ctx, email); err != nil {
		return nil, Holder{}, fmt.Errorf("%w: %w", errStore, err)
	}
	return who, h, nil
}

// refusesNamed answers a request in which a trusted proxy names a user that there is not.
// A login would not help it: the proxy's word decides.
func (d *Authenticator) refusesNamed(w http.ResponseWriter, r *http.Request) bool {
	email, told := d.named(r)
	if !told {
		return false
	}
	wrong := noSuchUser(email)
	if email == "" {
		wrong = "the proxy before heyq names more than one user in " + d.header + "; it must remove what its clients send in it"
	}
	if isBrowser(r) {
		d.page(w, http.StatusForbidden, page{Path: "/login", Wrong: wrong})
	} else {
		writeProblem(w, http.StatusForbidden, wrong)
	}
	return true
}

func noSuchUser(email string) string {
	return fmt.Sprintf("this heyq has no active user with the e-mail %.254s; an owner of it can make one", email)
}
