package heygen_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"heyq/heygen"
)

func TestFindByTitle_pages_through_everything(t *testing.T) {
	t.Parallel()
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("title") != "[a.1]" || q.Get("limit") != "100" {
			t.Errorf("query is %s", r.URL.RawQuery)
		}
		say(200, map[string]string{
			"":   `{"data":[{"id":"1","title":"x [a.1]","status":"completed"},{"id":"2","title":"other","status":"failed"}],"next_token":"p2"}`,
			"p2": `{"data":[{"id":"1","title":"x [a.1]","status":"completed"},{"id":"3","title":"[a.1] y","status":"pending"}],"has_more":false,"next_token":"p3"}`,
		}[q.Get("token")])(w, r)
	})
	found, err := client.Videos.FindByTitle(t.Context(), "[a.1]")
	if err != nil || len(found) != 2 || found[0].ID != "1" || found[1].ID != "3" {
		t.Errorf("got %+v, %v", found, err)
	}
}

func TestFindByTitle_never_returns_a_part(t *testing.T) {
	t.Parallel()
	page := 0
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("title") == "lost" {
			say(200, `{"data":[],"has_more":true,"next_token":null}`)(w, r)
			return
		}
		if page++; r.URL.Query().Get("title") == "broken" && page == 2 {
			say(403, "")(w, r)
			return
		}
		say(200, fmt.Sprintf(`{"data":[{"id":"%d","title":"broken endless"}],"has_more":true,"next_token":"p"}`, page))(w, r)
	})
	found, err := client.Videos.FindByTitle(t.Context(), "broken")
	if e, ok := errors.AsType[*heygen.Error](err); found != nil || !ok || e.Status != 403 {
		t.Errorf("broken: got %v, %v", found, err)
	}
	found, err = client.Videos.FindByTitle(t.Context(), "endless")
	if found != nil || !errors.Is(err, heygen.ErrUnreadable) {
		t.Errorf("endless: got %d, %v", len(found), err)
	}
	if _, err := client.Videos.FindByTitle(t.Context(), "lost"); !errors.Is(err, heygen.ErrUnreadable) {
		t.Errorf("more pages without a token: %v", err)
	}
	if _, err := client.Videos.FindByTitle(t.Context(), ""); err == nil {
		t.Error("an empty title found something")
	}
}

func TestGet_wants_an_id_and_a_status(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"data":{}}`, `{"data":{"id":"x"}}`, `{"data":{"status":"failed"}}`, `{}`, `null`, `[]`} {
		client := clientOf(t, say(200, body))
		if _, err := client.Videos.Get(t.Context(), "x"); !errors.Is(err, heygen.ErrUnreadable) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestLists_want_a_list(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `null`, `{"data":null,"has_more":false}`, `{"has_more":false,"next_token":null}`} {
		client := clientOf(t, say(200, body))
		if found, err := client.Videos.FindByTitle(t.Context(), "x"); !errors.Is(err, heygen.ErrUnreadable) {
			t.Errorf("%s: found %v, %v", body, found, err)
		}
		if got, err := client.Videos.Statuses(t.Context(), []string{"x"}); !errors.Is(err, heygen.ErrUnreadable) {
			t.Errorf("%s: statuses %v, %v", body, got, err)
		}
	}
}
