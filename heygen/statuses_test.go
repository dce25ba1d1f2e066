package heygen_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"heyq/heygen"
)

// HeyGen may give the answer in pages, and may say of the next page what it likes.
func TestStatuses_follow_the_pages(t *testing.T) {
	t.Parallel()
	page := func(next any, ids ...string) map[string]any {
		list := []any{}
		for _, id := range ids {
			list = append(list, map[string]any{"video_id": id, "status": "processing"})
		}
		return map[string]any{"data": list, "has_more": next != nil, "next_token": next}
	}
	for _, c := range []struct {
		name  string
		pages map[string]map[string]any // by token
		want  []string
		calls int
	}{
		{"one page", map[string]map[string]any{"": page(nil, "a", "b", "c")}, []string{"a", "b", "c"}, 1},
		{"three", map[string]map[string]any{"": page("2 &", "a"), "2 &": page("3", "b"), "3": page(nil, "c")}, []string{"a", "b", "c"}, 3},
		{"no end, and all said", map[string]map[string]any{"": page("2", "a", "b", "c")}, []string{"a", "b", "c"}, 1},
		{"an empty page", map[string]map[string]any{"": page("2", "a"), "2": page("2")}, []string{"a"}, 2},
		{"a page that repeats itself", map[string]map[string]any{"": page("2", "a"), "2": page("2", "a")}, []string{"a", "a", "a"}, 3},
	} {
		calls := 0
		client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
			calls++
			if got := r.URL.Query().Get("video_ids"); got != "a,b,c" {
				t.Errorf("%s: asked about %q", c.name, got)
			}
			_ = json.NewEncoder(w).Encode(c.pages[r.URL.Query().Get("token")])
		})
		list, err := client.Videos.Statuses(t.Context(), []string{"a", "b", "c"})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := []string{}
		for _, s := range list {
			got = append(got, s.ID)
			if s.Status != heygen.StatusProcessing {
				t.Errorf("%s: %s is %s", c.name, s.ID, s.Status)
			}
		}
		if !slices.Equal(got, c.want) || calls != c.calls {
			t.Errorf("%s: %q in %d calls, want %q in %d", c.name, got, calls, c.want, c.calls)
		}
	}
}
