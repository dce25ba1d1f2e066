package heygen

import (
	"net/url"
	"strconv"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	Next  string // the token of the next page; empty on the last
}

func pageOf[T any](a answer[[]T]) Page[T] {
	if !a.HasMore {
		return Page[T]{Items: a.Data}
	}
	return Page[T]{Items: a.Data, Next: a.NextToken}
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
