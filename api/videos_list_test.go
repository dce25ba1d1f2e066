package api_test

import (
	"net/http"
	"slices"
	"testing"
)

type listing struct {
	Videos     []map[string]any
	Pagination pagination
}

type pagination struct {
	Page       int `json:"page"`
	PerPage    int `json:"per_page"`
	Total      int `json:"total"`
	TotalPages int `json:"total_pages"`
}

func (l listing) ids() []string {
	ids := []string{}
	for _, v := range l.Videos {
		ids = append(ids, v["id"].(string))
	}
	return ids
}

func TestListVideos(t *testing.T) {
	t.Parallel()
	h := open(t)
	empty := h.must(t, http.StatusOK, "GET", "/v1/videos", "")
	equal(t, "empty list", empty.body, `{"videos":[],"pagination":{"page":1,"per_page":50,"total":0,"total_pages":0,"total_capped":false,"next_cursor":null}}`+"\n")

	failed := h.refused(t).String()
	want := []string{failed}
	for range 4 {
		want = append(want, h.create(t).String())
	}
	slices.Reverse(want) // newest first

	for _, c := range []struct {
		query string
		ids   []string
		page  pagination
	}{
		{"", want, pagination{1, 50, 5, 1}},
		{"?state=&page=&per_page=", want, pagination{1, 50, 5, 1}},
		{"?per_page=2", want[:2], pagination{1, 2, 5, 3}},
		{"?per_page=2&page=3", want[4:], pagination{3, 2, 5, 3}},
		{"?per_page=2&page=4", []string{}, pagination{4, 2, 5, 3}},
		{"?per_page=1000&page=1000000", []string{}, pagination{1000000, 1000, 5, 1}},
		{"?per_page=5", want, pagination{1, 5, 5, 1}},
		{"?state=queued&per_page=3", want[:3], pagination{1, 3, 4, 2}},
		{"?state=failed", []string{failed}, pagination{1, 50, 1, 1}},
		{"?state=completed", []string{}, pagination{1, 50, 0, 0}},
	} {
		t.Run(c.query, func(t *testing.T) {
			var got listing
			h.must(t, http.StatusOK, "GET", "/v1/videos"+c.query, "").decode(t, &got)
			equal(t, "ids", got.ids(), c.ids)
			equal(t, "pagination", got.Pagination, c.page)
		})
	}
}

func TestListVideos_names_every_wrong_parameter(t *testing.T) {
	t.Parallel()
	h := open(t)
	got := h.must(t, http.StatusUnprocessableEntity, "GET", "/v1/videos?state=lost&page=0&per_page=x", "").problem(t)
	equal(t, "errors", got.Errors, []wrong{
		{"query.state", "lost", `expected value to be one of "queued, submitting, rendering, downloading, completed, failed, cancelled"`},
		{"query.page", 0.0, "expected number >= 1"},
		{"query.per_page", "x", "is no whole number; give one"},
	})
	got = h.must(t, http.StatusUnprocessableEntity, "GET", "/v1/videos?perpage=3", "").problem(t)
	equal(t, "locations", got.locations(), []string{"query.perpage"})
}
