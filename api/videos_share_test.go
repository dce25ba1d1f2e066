package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/people"
	"heyq/store"
)

// A viewer reads what it is shown, and no more than that.
func TestShareVideo(t *testing.T) {
	t.Parallel()
	caller := people.Owner()
	h := open(t, as(&caller))
	alan := h.user(t, `{"email":"alan@example.com","role":"viewer"}`)
	viewer := people.Caller{User: alan.ID.String(), Name: alan.Email, Role: store.RoleViewer}
	member := people.Caller{User: alan.ID.String(), Name: alan.Email, Role: store.RoleMember}
	hidden, id := h.told(t), h.completed(t).String()
	told := h.told(t)
	path := "/v1/videos/" + id

	caller = viewer
	h.must(t, http.StatusNotFound, "GET", path+"/file", "")
	caller = people.Owner()
	var shown struct {
		UserID string `json:"user_id"`
	}
	for _, video := range []string{id, told, id} { // twice does no harm
		h.must(t, http.StatusOK, "POST", "/v1/videos/"+video+"/shares", `{"user_id":"`+alan.ID.String()+`"}`).decode(t, &shown)
		equal(t, "shown to", shown.UserID, alan.ID.String())
	}
	var list struct {
		Shares []struct {
			UserID string `json:"user_id"`
		}
	}
	h.must(t, http.StatusOK, "GET", path+"/shares", "").decode(t, &list)
	equal(t, "to how many", len(list.Shares), 1)

	caller = viewer
	for _, what := range []string{"", "/file", "/thumbnail", "/captions", "/script"} {
		h.must(t, http.StatusOK, "GET", path+what, "")
	}
	var seen listing
	h.must(t, http.StatusOK, "GET", "/v1/videos", "").decode(t, &seen)
	equal(t, "listed", seen.ids(), []string{told, id})
	equal(t, "counted", seen.Pagination.Total, 2)
	if body := h.must(t, http.StatusOK, "GET", "/v1/videos/"+told, "").body + h.must(t, http.StatusOK, "GET", "/v1/videos", "").body; strings.Contains(body, "example.com/hook") {
		t.Errorf("it reads whom a video tells that it is shown: %s", body)
	}
	h.must(t, http.StatusNotFound, "GET", "/v1/videos/"+hidden, "")

	caller = member // may change videos of its own
	for _, c := range [][3]string{
		{"POST", "/cancel", ""},
		{"POST", "/retry", ""},
		{"GET", "/notifications", ""},
		{"GET", "/shares", ""},
		{"POST", "/shares", `{"user_id":"` + uuid.NewString() + `"}`},
		{"POST", "/shares", `{"user_id":"x"}`},
		{"DELETE", "/shares/" + alan.ID.String(), ""},
		{"DELETE", "/shares/x", ""},
	} {
		p := h.must(t, http.StatusForbidden, c[0], "/v1/videos/"+told+c[1], c[2]).problem(t)
		equal(t, c[0]+c[1], p.Detail, "video "+told+" is shown to you for reading only; ask the user whose video it is")
	}
	h.must(t, http.StatusForbidden, "POST", "/v1/notifications/redeliver", `{"video_id":"`+told+`"}`)

	caller = people.Owner()
	h.must(t, http.StatusNoContent, "DELETE", path+"/shares/"+alan.ID.String(), "")
	p := h.must(t, http.StatusNotFound, "DELETE", path+"/shares/"+alan.ID.String(), "").problem(t)
	if !strings.Contains(p.Detail, "GET "+path+"/shares") {
		t.Errorf("once more: %s", p.Detail)
	}
	caller = viewer
	h.must(t, http.StatusNotFound, "GET", path+"/file", "")
}

func TestShareVideo_refused(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.user(t, `{"email":"ada@example.com"}`)
	path := "/v1/videos/" + h.create(t).String() + "/shares"
	for _, body := range []string{`{}`, `{"user_id":"ada@example.com"}`, `{"user_id":"default"}`, `{"user_id":"` + uuid.NewString() + `"}`, `{"user_id":"{` + ada.ID.String() + `}"}`} {
		p := h.must(t, http.StatusUnprocessableEntity, "POST", path, body).problem(t)
		equal(t, body, p.locations(), []string{"body.user_id"})
	}
	h.must(t, http.StatusNotFound, "POST", "/v1/videos/"+uuid.NewString()+"/shares", `{"user_id":"`+ada.ID.String()+`"}`)
	h.must(t, http.StatusNotFound, "POST", "/v1/videos/"+uuid.NewString()+"/shares", `{"user_id":"ada"}`)
	h.must(t, http.StatusNotFound, "POST", "/v1/videos/ada/shares", `{}`)
	if got := h.must(t, http.StatusOK, "GET", path, "").body; !strings.Contains(got, `"shares":[]`) {
		t.Errorf("shown to %s", got)
	}
}
