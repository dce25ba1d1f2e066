package api

import (
	"heyq/store"
	"heyq/wire"
)

const pagesInWords = "A page behind the last one is empty. A list is counted up to 10,000: `total_capped` says that there are more. " +
	"For deep lists give `next_cursor` as `cursor`: page 1,000,000 reads what is before it, a cursor does not."

// Paging has the parameters of a list. huma looks into no embedded type that is not
// exported.
type Paging struct {
	Page    int    `query:"page" minimum:"1" maximum:"1000000" default:"1" doc:"From 1; behind the cursor, if there is one"`
	PerPage int    `query:"per_page" minimum:"1" maximum:"1000" default:"50" doc:"How many a page"`
	Cursor  string `query:"cursor" maxLength:"1200" doc:"The next_cursor of the page before"`
}

func (p Paging) page() store.Page { return store.Page{Number: p.Page, Size: p.PerPage} }

// pagination says which page of a list was shown: how many are on it, of a total as the
// store counts, and the last of them.
func (p Paging) pagination(list string, shown, total int, last string) wire.Pagination {
	capped := total > store.MostCounted
	total = min(total, store.MostCounted)
	said := wire.Pagination{Page: p.Page, PerPage: p.PerPage, Total: total, TotalPages: (total + p.PerPage - 1) / p.PerPage, TotalCapped: capped}
	if shown == p.PerPage {
		next := cursorOf(list, last)
		said.NextCursor = &next
	}
	return said
}
