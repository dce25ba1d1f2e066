package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/store"
)

// A video that is only shown to a member is offered no change, and takes nothing of its limits.
func TestVideo_that_is_shown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob, ada := h.hire("bob", store.RoleMember), h.hire("ada", store.RoleMember)
	broken := h.broken(bob.User, "Broken")
	queued := h.make(bob.User, "Soon")
	for _, v := range []store.Video{broken, queued} {
		_, err := h.db.(store.Shares).Share(t.Context(), store.Everyone(), v.ID, uuid.MustParse(ada.User))
		h.must(err)
		at := "/videos/" + v.ID.String()
		p := h.want(http.StatusOK, "ada", "GET", at, nil, v.Title)
		if strings.Contains(p.body, at+"/cancel") || strings.Contains(p.body, at+"/retry") {
			t.Errorf("%s is offered to be changed: %s", v.Title, p.body)
		}
		for _, path := range []string{at + "/cancel", at + "/retry"} {
			for _, method := range []string{"GET", "POST"} {
				if p := h.want(http.StatusForbidden, "ada", method, path, nil, "for reading only"); strings.Contains(p.body, "$") {
					t.Errorf("%s tells a price", path)
				}
			}
		}
	}
	h.want(http.StatusOK, "bob", "GET", "/videos/"+broken.ID.String(), nil, "/retry")
	h.want(http.StatusOK, "owner", "GET", "/videos/"+queued.ID.String(), nil, "/cancel")
}
