package heygen

import (
	"context"
	"fmt"
	"strings"

	"heyq/internal/fault"
)

// maxTitlePages bounds FindByTitle. If 5,000 titles contain the token, it cannot be one that
// heyq made, and the search ends with an error.
const maxTitlePages = 50

// FindByTitle returns every video whose title contains token, each once, or an
// error: never a part. HeyGen compares substrings, so a.1 finds a.12 as well;
// comparing exactly is the caller's.
func (s *VideosService) FindByTitle(ctx context.Context, token string) ([]Video, error) {
	if token == "" {
		return nil, fault.New(fault.Invalid, "no title to look for")
	}
	var found []Video
	seen := make(map[string]bool)
	o := ListOptions{Title: token, Limit: 100}
	for range maxTitlePages {
		page, err := s.List(ctx, o)
		if err != nil {
			return nil, err
		}
		for _, v := range page.Items {
			if strings.Contains(v.Title, token) && !seen[v.ID] {
				seen[v.ID] = true // a page shifts when a video is created meanwhile
				found = append(found, v)
			}
		}
		if page.Next == "" {
			return found, nil
		}
		o.Token = page.Next
	}
	return nil, fmt.Errorf("list: %w: over %d pages", ErrUnreadable, maxTitlePages)
}
