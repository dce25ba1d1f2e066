package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"heyq/internal/fault"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

// keyRow is a key of the list.
type keyRow struct {
	store.Key
	Ended string // why it lets nobody in any more; empty: it does
}

// madeKey is a key with what is shown of it this once.
type madeKey struct{ Name, Secret, Curl string }

// Lives are how long a key may be wanted to live, in days; 0: for ever.
func (mePage) Lives() []life { return lives }

type life struct{ Days, Words string }

var lives = []life{{"30", "30 days"}, {"90", "90 days"}, {"365", "a year"}, {"0", "for ever"}}

// keysOf lists the caller's own keys.
func (f *Face) keysOf(r *http.Request, c people.Caller) (rows []keyRow, err error) {
	list, err := f.Keys.ListOwn(r.Context(), c)
	for _, k := range list {
		row := keyRow{Key: k}
		switch {
		case !k.RevokedAt.IsZero():
			row.Ended = "revoked"
		case !k.ExpiresAt.IsZero() && k.ExpiresAt.Before(f.Now()):
			row.Ended = "expired"
		}
		rows = append(rows, row)
	}
	return rows, err
}

// createKey makes a key, and shows it this once.
func (f *Face) createKey(r *http.Request) (answer, error) {
	sent, err := read(r)
	if err != nil {
		return answer{}, err
	}
	asked := wire.NewKey{Name: sent.Get("name"), Scopes: sent["scopes"]}
	days, err := strconv.Atoi(cmp.Or(sent.Get("days"), "0"))
	if err != nil || days < 0 || days > 3650 {
		return answer{}, wrongAddress("days", sent.Get("days"), "is no number of days that is offered")
	}
	if days > 0 {
		asked.ExpiresAt = f.Now().AddDate(0, 0, days).UTC().Truncate(time.Second)
	}
	made, secret, wrong := f.Keys.Create(r.Context(), f.Caller(r.Context()), asked)
	page, err := f.mine(r)
	if err != nil {
		return answer{}, err
	}
	status := http.StatusOK
	if wrong != nil {
		var ok bool
		page.Key.Values = sent
		if status, ok = page.Key.refused(wrong, "No key was made yet: some of it is not right."); !ok {
			return answer{}, wrong
		}
	} else {
		page.Made = &madeKey{made.Name, secret, fmt.Sprintf("curl -H 'Authorization: Bearer %s' %s/v1/videos", secret, f.base(r))}
	}
	return answer{status: status, page: "me", title: "You", data: page}, nil
}

// base is where programs reach this heyq.
func (f *Face) base(r *http.Request) string {
	if f.PublicURL != "" {
		return strings.TrimSuffix(f.PublicURL, "/")
	}
	u := url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		u.Scheme = "https"
	}
	return u.String()
}

// ownKey returns a key of the caller's own.
func (f *Face) ownKey(r *http.Request) (keyRow, error) {
	id, err := idOf(r, "key", fault.ListKeys)
	if err != nil {
		return keyRow{}, err
	}
	list, err := f.keysOf(r, f.Caller(r.Context()))
	if err != nil {
		return keyRow{}, err
	}
	at := slices.IndexFunc(list, func(k keyRow) bool { return k.ID == id })
	if at < 0 {
		return keyRow{}, store.ErrNoKey(id)
	}
	return list[at], nil
}

func (f *Face) askRevoke(r *http.Request) (answer, error) {
	k, err := f.ownKey(r)
	if err != nil {
		return answer{}, err
	}
	return askPage{
		ID: k.ID.String(), Name: k.Name, Sub: k.Shown + "…", Back: step{"Back to your keys", "/me"},
		Asks: "Revoke this key?", Yes: "Revoke the key", Danger: true,
		Means: "Whatever uses it is let in no more, within two seconds. A key that was revoked does not come back.",
	}.answer()
}

func (f *Face) revokeKey(r *http.Request) (answer, error) {
	k, err := f.ownKey(r)
	if err != nil {
		return answer{}, err
	}
	if _, err := f.Keys.Revoke(r.Context(), f.Caller(r.Context()), k.ID); err != nil {
		return answer{}, err
	}
	return answer{to: "/me"}, nil
}
