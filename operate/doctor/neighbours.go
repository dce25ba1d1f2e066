package doctor

import (
	"cmp"
	"context"
	"maps"
	"regexp"
	"slices"

	"heyq/heygen"
)

// Neighbour is another program whose renders HeyGen lists at this account.
type Neighbour struct {
	Word     string // of another installation; empty: whatever is no heyq
	Listed   int    // of the newest hundred videos
	InFlight int    // of these
}

// named finds the word of an installation at the start of a title that heyq
// wrote.
var named = regexp.MustCompile(`^\[heyq [0-9a-f-]{36}\.\d+ ([0-9a-f]{8})\]`)

// Neighbours says what other programs made of the newest hundred videos of the account, by their
// titles. One call; it costs nothing.
func Neighbours(ctx context.Context, videos *heygen.VideosService, word string) ([]Neighbour, error) {
	page, err := videos.List(ctx, heygen.ListOptions{Limit: 100})
	if err != nil {
		return nil, err
	}
	seen := map[string]Neighbour{}
	for _, v := range page.Items {
		n := Neighbour{}
		if match := named.FindStringSubmatch(v.Title); match != nil {
			n.Word = match[1]
		}
		if n.Word == word {
			continue
		}
		n.Listed = seen[n.Word].Listed + 1
		n.InFlight = seen[n.Word].InFlight
		if inFlight(v) {
			n.InFlight++
		}
		seen[n.Word] = n
	}
	return slices.SortedFunc(maps.Values(seen), func(a, b Neighbour) int { return cmp.Compare(a.Word, b.Word) }), nil
}

// inFlight reports whether HeyGen is at work on a video that it lists.
func inFlight(v heygen.Video) bool { return v.Status.Known() && !v.Status.Final() }
