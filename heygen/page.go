package heygen

import (
	"fmt"
	"net/url"
	"strconv"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	Next  string // the token of the next page; empty on the last
}

// pageOf reads a list's envelope. An answer without a list, or one that says there
// is more and not where, is unreadable: taken for an empty or the last page, it
// would hide a video that was paid.
func pageOf[T any](name string, a answer[[]T]) (Page[T], error) {
	more := a.NextToken != ""
	if a.HasMore != nil {
		more = *a.HasMore
	}
	switch {
	case a.Data == nil:
		return Page[T]{}, fmt.Errorf("%s: %w: no list", name, ErrUnreadable)
	case !more:
		return Page[T]{Items: a.Data}, nil
	case a.NextToken == "":
		return Page[T]{}, fmt.Errorf("%s: %w: more pages, and no token", name, ErrUnreadable)
	}
	return Page[T]{Items: a.Data, Next: a.NextToken}, nil
}

// query collects the parameters that are set.
func query(limit int, pairs ...string) url.Values {
	q := url.Values{}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}
