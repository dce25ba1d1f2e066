package client

import (
	"context"
	"iter"
	"net/url"
	"strconv"

	"heyq/wire"
)

// pageSize is how many items an iterator asks for at a time.
const pageSize = 500

// pages goes through a list of the API page by page. take says what is on a page.
func pages[P, T any](ctx context.Context, c *Client, path string, query url.Values, take func(P) ([]T, wire.Pagination)) iter.Seq2[T, error] {
	return each(func(cursor string) ([]T, *string, error) {
		r := get(path)
		r.query = url.Values{"per_page": {strconv.Itoa(pageSize)}}
		for name, values := range query {
			r.query[name] = values
		}
		if cursor != "" {
			r.query.Set("cursor", cursor)
		}
		page, err := call[P](ctx, c, r)
		items, where := take(page)
		return items, where.NextCursor, err
	})
}

// each yields the items of page after page, each of which is asked for when those before
// it were taken, until one has no next. An error is the last that it yields.
func each[T any](page func(cursor string) (items []T, next *string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for cursor := ""; ; {
			items, next, err := page(cursor)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if next == nil || *next == cursor {
				return
			}
			cursor = *next
		}
	}
}
