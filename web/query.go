package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/internal/text"
	"heyq/store"
)

// query reads the parameters of an address: each one that is allowed, once.
func query(r *http.Request, allowed ...string) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, wrongAddress("address", r.URL.RawQuery, "cannot be read; follow a link of a page")
	}
	for name, values := range q {
		switch problem := text.Unfit(values[0], text.Line); {
		case !slices.Contains(allowed, name):
			return nil, wrongAddress(name, values[0], "is nothing that this page knows; remove it")
		case len(values) > 1:
			return nil, wrongAddress(name, values[0], "is there twice; which of the two counts would be a guess")
		case problem != "":
			return nil, wrongAddress(name, nil, problem)
		}
	}
	return q, nil
}

func wrongAddress(name string, value any, problem string) error {
	return fault.New(fault.Malformed, "the address of this page is not valid").WithField(name, value, "%s", problem).
		WithHint("go back, or begin anew from the navigation")
}

// paging is where in a list a page begins: at a number, or behind an item if the list is
// deeper than what is counted of it.
type paging struct {
	number int
	after  uuid.UUID
}

// deepest is the last page that has a number.
const deepest = store.MostCounted / perPage

// perPage is how many rows a list shows.
const perPage = 25

func pagingOf(q url.Values) (p paging, err error) {
	p.number = 1
	if given := q.Get("page"); q.Has("page") {
		if p.number, err = strconv.Atoi(given); err != nil || p.number < 1 || p.number > deepest {
			return p, wrongAddress("page", given, "is no page; give 1 to "+strconv.Itoa(deepest))
		}
	}
	if given := q.Get("after"); q.Has("after") {
		if p.after, err = uuid.Parse(given); err != nil {
			return p, wrongAddress("after", given, "is no place in this list; begin at its first page")
		}
	}
	return p, nil
}

func (p paging) page() store.Page { return store.Page{Number: p.number, Size: perPage} }

// pager is what parts.html reads below a list.
type pager struct {
	From, To     int // of the rows that are shown; 0 if that is not known
	Total        int
	Capped       bool   // there are more than Total
	Newer, Older string // addresses; empty: there is none
}

// pager says where the page stands in a list of which shown rows are shown, of total as
// the store counts; last is the last of them. at has the filter of the list.
func (p paging) pager(path string, at url.Values, shown, total int, last uuid.UUID) pager {
	link := func(name, value string) string {
		q := url.Values{}
		for k, v := range at {
			if k != "page" && k != "after" {
				q[k] = v
			}
		}
		if value != "" {
			q.Set(name, value)
		}
		if len(q) == 0 {
			return path
		}
		return path + "?" + q.Encode()
	}
	said := pager{Total: min(total, store.MostCounted), Capped: total > store.MostCounted}
	if p.after != uuid.Nil {
		said.Newer = link("", "")
		if shown == perPage {
			said.Older = link("after", last.String())
		}
		return said
	}
	if before := (p.number - 1) * perPage; shown > 0 {
		said.From, said.To = before+1, before+shown
	}
	switch p.number {
	case 1:
	case 2:
		said.Newer = link("", "")
	default:
		said.Newer = link("page", strconv.Itoa(p.number-1))
	}
	switch more := p.number*perPage < total && shown == perPage; {
	case more && p.number < deepest:
		said.Older = link("page", strconv.Itoa(p.number+1))
	case more:
		said.Older = link("after", last.String())
	}
	return said
}

// idOf reads the id of a path. What is no UUID names nothing.
func idOf(r *http.Request, what string, list fault.Advice) (uuid.UUID, error) {
	given := r.PathValue("id")
	id, err := uuid.Parse(given)
	if err != nil || len(given) != len(uuid.Nil.String()) {
		return id, fault.New(fault.NotFound, "there is no %s %.100q", what, given).WithAdvice(list, "")
	}
	return id, nil
}
