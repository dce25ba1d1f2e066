package web

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"heyq/store"
)

// peoplePage is what people.html reads.
type peoplePage struct {
	Search string
	Rows   []personRow
	Pager  pager
}

type personRow struct{ store.User }

// Active reports whether the user may do anything.
func (p personRow) Active() bool { return p.DeactivatedAt.IsZero() }

// people lists users, newest first.
func (f *Face) people(r *http.Request) (answer, error) {
	q, err := query(r, "search", "page", "after")
	if err != nil {
		return answer{}, err
	}
	at, err := pagingOf(q)
	if err != nil {
		return answer{}, err
	}
	page := peoplePage{Search: strings.TrimSpace(q.Get("search"))}
	if len([]rune(page.Search)) > 200 {
		return answer{}, wrongAddress("search", page.Search, "has more than 200 characters; give a part of a name or of an e-mail")
	}
	list, total, err := f.Users.List(r.Context(), store.UserFilter{Search: page.Search, Behind: at.after}, at.page())
	if err != nil {
		return answer{}, err
	}
	last := uuid.Nil
	for _, u := range list {
		page.Rows, last = append(page.Rows, personRow{u}), u.ID
	}
	page.Pager = at.pager("/people", q, len(list), total, last)
	return answer{page: "people", title: "People", data: page}, nil
}
