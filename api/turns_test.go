package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

type turnAnswer struct {
	UserID        string `json:"user_id"`
	Weight        float64
	Slots         *int
	Waiting, Held int
}

func TestTurns(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.create(t)
	two := 2
	var got turnAnswer
	h.must(t, http.StatusOK, "PUT", "/v1/turns/ada", `{"weight":0.29,"slots":2}`).decode(t, &got)
	equal(t, "as it is set", got, turnAnswer{UserID: "ada", Weight: 0.29, Slots: &two})
	var list struct{ Turns []turnAnswer }
	h.must(t, http.StatusOK, "GET", "/v1/turns", "").decode(t, &list)
	equal(t, "the list", list.Turns, []turnAnswer{{UserID: "ada", Weight: 0.29, Slots: &two}, {UserID: "default", Weight: 1, Waiting: 1}})
	got = turnAnswer{}
	h.must(t, http.StatusOK, "PUT", "/v1/turns/ada", `{"slots":null}`).decode(t, &got)
	equal(t, "as usual", got, turnAnswer{UserID: "ada", Weight: 1})
}

func TestTurns_are_paged(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, user := range []string{"b", "a", "Ä", "c", "d d"} {
		h.must(t, http.StatusOK, "PUT", "/v1/turns/"+url.PathEscape(user), `{"weight":2}`)
	}
	type turnsPage struct {
		Turns      []turnAnswer
		Pagination struct {
			pagination
			NextCursor *string `json:"next_cursor"`
		}
	}
	var seen []string
	for cursor := ""; ; {
		var page turnsPage
		h.must(t, http.StatusOK, "GET", "/v1/turns?per_page=2&cursor="+cursor, "").decode(t, &page)
		equal(t, "total", page.Pagination.Total, 5)
		for _, turn := range page.Turns {
			seen = append(seen, turn.UserID)
		}
		if page.Pagination.NextCursor == nil {
			break
		}
		cursor = *page.Pagination.NextCursor
	}
	equal(t, "by the cursor", seen, []string{"a", "b", "c", "d d", "Ä"})
	var page turnsPage
	h.must(t, http.StatusOK, "GET", "/v1/turns?page=3&per_page=2", "").decode(t, &page)
	equal(t, "the last page", page.Turns[0].UserID, "Ä")
	page = turnsPage{}
	h.must(t, http.StatusOK, "GET", "/v1/turns?page=1000000&per_page=1000", "").decode(t, &page)
	equal(t, "behind it", len(page.Turns), 0)
	for _, cursor := range []string{"!", "dmlkZW9zIDAxOTliM2EwLTZmMWUtN2MzYS05ZDUyLTFmMGE2YjdjOGQ5ZQ"} { // none, and one of videos
		h.must(t, http.StatusUnprocessableEntity, "GET", "/v1/turns?cursor="+cursor, "")
	}
}

func TestTurns_refused(t *testing.T) {
	t.Parallel()
	h := open(t)
	for body, want := range map[string][]wrong{
		`{"weight":0}`: {{"body.weight", 0.0, "is out of range; give 0.01 to 100"}},
		`{"weight":-1,"slots":0}`: {
			{"body.weight", -1.0, "is out of range; give 0.01 to 100"},
			{"body.slots", 0.0, "is out of range; give 1 to 100000, or leave it out for no bound"},
		},
		`{"weight":0.015}`: {{"body.weight", 0.015, "has more than two decimals; give 0.02"}},
		`{"slots":"all"}`:  {{"body.slots", "all", "is no whole number; give one without quotes"}},
	} {
		equal(t, body, h.must(t, http.StatusUnprocessableEntity, "PUT", "/v1/turns/ada", body).problem(t).Errors, want)
	}
	h.must(t, http.StatusUnprocessableEntity, "PUT", "/v1/turns/"+strings.Repeat("a", 201), `{}`)
	var list struct{ Turns []turnAnswer }
	h.must(t, http.StatusOK, "GET", "/v1/turns", "").decode(t, &list)
	equal(t, "turns after all that", len(list.Turns), 0)
}
