package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/store"
)

type userAnswer struct {
	ID        uuid.UUID
	Email     string
	Role      string
	FirstName string `json:"first_name"`
	TimeZone  string `json:"time_zone"`
	Active    bool
}

func (h *house) user(t *testing.T, body string) (u userAnswer) {
	t.Helper()
	h.must(t, http.StatusCreated, "POST", "/v1/users", body).decode(t, &u)
	return u
}

func TestUsers(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.user(t, `{"email":"Ada@example.com","first_name":"Ada","last_name":"Lovelace"}`)
	equal(t, "made", ada, userAnswer{ID: ada.ID, Email: "Ada@example.com", Role: "member", FirstName: "Ada", TimeZone: "UTC", Active: true})
	path := "/v1/users/" + ada.ID.String()

	var got userAnswer
	h.must(t, http.StatusOK, "GET", path, "").decode(t, &got)
	equal(t, "read", got, ada)
	h.must(t, http.StatusOK, "PATCH", path, `{"role":"manager","active":false}`).decode(t, &got)
	equal(t, "changed", got, userAnswer{ID: ada.ID, Email: "Ada@example.com", Role: "manager", FirstName: "Ada", TimeZone: "UTC"})
	h.must(t, http.StatusOK, "GET", path, "").decode(t, &got)
	equal(t, "read after a change", got.Role, "manager")

	h.must(t, http.StatusNoContent, "DELETE", path, "")
	for _, method := range []string{"GET", "DELETE"} {
		p := h.must(t, http.StatusNotFound, method, path, "").problem(t)
		if !strings.Contains(p.Detail, "GET /v1/users") {
			t.Errorf("%s of a user that is gone: %s", method, p.Detail)
		}
	}
	h.must(t, http.StatusNotFound, "PATCH", path, `{}`)
	h.must(t, http.StatusNotFound, "GET", "/v1/users/ada", "")
}

func TestUsers_refused(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.user(t, `{"email":"ada@example.com"}`)
	for body, field := range map[string]string{
		`{}`:              "body.email",
		`{"email":"ada"}`: "body.email",
		`{"email":"alan@example.com","role":"admin"}`:               "body.role",
		`{"email":"alan@example.com","time_zone":"Mars/Olympus"}`:   "body.time_zone",
		`{"email":"alan@example.com","avatar_url":"http://a.test"}`: "body.avatar_url",
		`{"email":"alan@example.com","name":"Alan"}`:                "body.name",
	} {
		p := h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/users", body).problem(t)
		if list := p.locations(); len(list) != 1 || list[0] != field {
			t.Errorf("%s: wrong are %v, want %s", body, list, field)
		}
	}
	p := h.must(t, http.StatusConflict, "POST", "/v1/users", `{"email":"ADA@EXAMPLE.COM"}`).problem(t)
	equal(t, "an e-mail that is taken", p.locations(), []string{"body.email"})
	var list struct{ Users []userAnswer }
	h.must(t, http.StatusOK, "GET", "/v1/users", "").decode(t, &list)
	equal(t, "users after all that", len(list.Users), 1)
}

func TestUsers_are_listed(t *testing.T) {
	t.Parallel()
	h := open(t)
	for i := range 5 {
		h.user(t, fmt.Sprintf(`{"email":"user%d@example.com","first_name":"U%d"}`, i, i))
	}
	type usersPage struct {
		Users      []userAnswer
		Pagination struct {
			pagination
			NextCursor *string `json:"next_cursor"`
		}
	}
	var page usersPage
	var seen []string
	for cursor := ""; ; cursor = *page.Pagination.NextCursor {
		page = usersPage{}
		h.must(t, http.StatusOK, "GET", "/v1/users?per_page=2&cursor="+cursor, "").decode(t, &page)
		for _, u := range page.Users {
			seen = append(seen, u.FirstName)
		}
		if page.Pagination.NextCursor == nil {
			break
		}
	}
	equal(t, "by the cursor", seen, []string{"U4", "U3", "U2", "U1", "U0"})
	h.must(t, http.StatusOK, "GET", "/v1/users?search=USER3", "").decode(t, &page)
	equal(t, "found", page.Users[0].FirstName, "U3")
	equal(t, "how many", page.Pagination.Total, 1)
	for _, query := range []string{"cursor=!", "cursor=dmlkZW9zIDAxOTliM2EwLTZmMWUtN2MzYS05ZDUyLTFmMGE2YjdjOGQ5ZQ"} { // none, and one of videos
		p := h.must(t, http.StatusUnprocessableEntity, "GET", "/v1/users?"+query, "").problem(t)
		equal(t, query, p.locations(), []string{"query.cursor"})
	}
}

func TestUsers_have_videos(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.user(t, `{"email":"ada@example.com","first_name":"Ada","last_name":"Lovelace"}`)
	var ids []string
	for range 3 {
		v := store.NewVideo{ID: uuid.Must(uuid.NewV7()), UserID: ada.ID.String(), Title: "Hello", Request: []byte(`{"script":"Hello."}`)}
		if _, err := h.store.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{v}}); err != nil {
			t.Fatal(err)
		}
		ids = append([]string{v.ID.String()}, ids...)
	}
	h.create(t) // the owner's
	var got listing
	h.must(t, http.StatusOK, "GET", "/v1/users/"+ada.ID.String()+"/videos?page=2&per_page=2", "").decode(t, &got)
	equal(t, "ids", got.ids(), ids[2:])
	equal(t, "user_name", got.Videos[0]["user_name"], "Ada Lovelace")
	equal(t, "pagination", got.Pagination, pagination{2, 2, 3, 2})
	h.must(t, http.StatusOK, "GET", "/v1/videos?user_id="+ada.ID.String(), "").decode(t, &got)
	equal(t, "by the filter", got.ids(), ids)
	h.must(t, http.StatusNotFound, "GET", "/v1/users/"+uuid.NewString()+"/videos", "")
}

// What a user leaves is kept or cancelled, as it was asked for, and nothing half of it.
func TestUsers_are_deleted_with_their_videos(t *testing.T) {
	t.Parallel()
	h := open(t)
	for query, want := range map[string]struct {
		owner string
		state store.State
	}{
		"":               {store.DefaultUser, store.Queued},
		"?videos=keep":   {store.DefaultUser, store.Queued},
		"?videos=delete": {store.DepartedUser, store.Cancelled},
	} {
		ada := h.user(t, `{"email":"ada@example.com"}`)
		v := store.NewVideo{ID: uuid.Must(uuid.NewV7()), UserID: ada.ID.String(), Title: "Hello", Request: []byte(`{"script":"Hello."}`)}
		if _, err := h.store.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{v}}); err != nil {
			t.Fatal(err)
		}
		path := "/v1/users/" + ada.ID.String()
		for _, wrong := range []string{"?videos=remove", "?video=delete"} {
			h.must(t, http.StatusUnprocessableEntity, "DELETE", path+wrong, "")
		}
		h.must(t, http.StatusNoContent, "DELETE", path+query, "")
		got, err := h.store.Video(t.Context(), store.Everyone(), v.ID)
		if err != nil || got.UserID != want.owner || got.State != want.state {
			t.Errorf("%s: the video is %s's and %s, %v", query, got.UserID, got.State, err)
		}
	}
}
