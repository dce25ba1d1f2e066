package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"

	"heyq/wire"
)

// paged returns a client of a heyq with so many videos, two on a page, which breaks behind
// the one that is number broken. It counts the pages.
func paged(t *testing.T, videos, broken int) (c *Client, asked *[]string) {
	t.Helper()
	asked = &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.Query().Get("cursor"))
		first, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
		if broken > 0 && first >= broken {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		list := wire.VideoList{}
		for n := first; n < min(first+2, videos); n++ {
			list.Videos = append(list.Videos, wire.Video{Title: strconv.Itoa(n)})
		}
		if first+2 < videos {
			next := strconv.Itoa(first + 2)
			list.Pagination.NextCursor = &next
		}
		_ = json.NewEncoder(w).Encode(list)
	}))
	t.Cleanup(server.Close)
	return New(server.URL, ""), asked
}

func TestAll_follows_the_pages(t *testing.T) {
	t.Parallel()
	for videos, want := range map[int][]string{0: nil, 1: {"0"}, 2: {"0", "1"}, 5: {"0", "1", "2", "3", "4"}} {
		c, asked := paged(t, videos, 0)
		var got []string
		for v, err := range c.Videos.All(t.Context(), VideoFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, v.Title)
		}
		if !slices.Equal(got, want) || len(*asked) != max(1, (videos+1)/2) {
			t.Errorf("of %d: got %q by the cursors %q", videos, got, *asked)
		}
	}
}

// Who has seen enough asks for no further page.
func TestAll_stops_with_its_caller(t *testing.T) {
	t.Parallel()
	c, asked := paged(t, 100, 0)
	for v, err := range c.Videos.All(t.Context(), VideoFilter{}) {
		if err != nil || v.Title == "3" {
			break
		}
	}
	if len(*asked) != 2 {
		t.Errorf("asked for the pages %q", *asked)
	}
}

func TestAll_ends_with_an_error(t *testing.T) {
	t.Parallel()
	c, _ := paged(t, 100, 4)
	got := ""
	for v, err := range c.Videos.All(t.Context(), VideoFilter{}) {
		got += fmt.Sprint(v.Title, " ", err != nil, "; ")
	}
	if want := "0 false; 1 false; 2 false; 3 false;  true; "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
