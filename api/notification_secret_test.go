package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/people"
	"heyq/store"
)

type secretAnswer struct {
	Secret      string
	Former      *string
	FormerUntil *string `json:"former_until"`
}

// A secret is shown to its user and to who manages people, and is not there for others.
func TestNotificationSecret(t *testing.T) {
	t.Parallel()
	caller := people.Owner()
	h := open(t, as(&caller))
	ada, alan := h.user(t, `{"email":"ada@example.com"}`), h.user(t, `{"email":"alan@example.com"}`)
	const path = "/v1/notification-secret"
	secret := func() (s secretAnswer) {
		h.must(t, http.StatusOK, "GET", path, "").decode(t, &s)
		return s
	}
	if p := h.must(t, http.StatusConflict, "GET", path, "").problem(t); !strings.Contains(p.Detail, "HEYQ_NOTIFY_SECRET") {
		t.Errorf("the owner's: %s", p.Detail)
	}
	h.must(t, http.StatusConflict, "POST", path+"/rotate", "")

	caller = people.Caller{User: ada.ID.String(), Role: store.RoleMember}
	adas := secret()
	if !strings.HasPrefix(adas.Secret, "whsec_") || adas.Former != nil {
		t.Errorf("got %+v", adas)
	}
	equal(t, "once more", secret(), adas)
	caller.User = alan.ID.String()
	alans := secret()
	if alans.Secret == adas.Secret {
		t.Error("two users have one secret")
	}
	for _, role := range []store.Role{store.RoleMember, store.RoleManager, store.RoleOperator} {
		caller.Role = role
		theirs, none := h.call(t, "GET", path+"?user_id="+ada.ID.String(), ""), h.call(t, "GET", path+"?user_id="+exampleUser, "")
		if theirs.status != http.StatusNotFound || tidy(theirs.body, ada.ID.String()) != tidy(none.body, exampleUser) {
			t.Errorf("as %s: another's is %d %s, and none is %s", role, theirs.status, theirs.body, none.body)
		}
		h.must(t, http.StatusNotFound, "POST", path+"/rotate", `{"user_id":"`+ada.ID.String()+`"}`)
		h.must(t, http.StatusNotFound, "GET", path+"?user_id="+store.DefaultUser, "")
	}

	var shown secretAnswer
	caller = people.Owner()
	h.must(t, http.StatusOK, "GET", path+"?user_id="+ada.ID.String(), "").decode(t, &shown)
	equal(t, "as the owner sees it", shown, adas)
	h.must(t, http.StatusNotFound, "GET", path+"?user_id="+exampleUser, "")

	caller = people.Caller{User: ada.ID.String(), Role: store.RoleMember}
	h.must(t, http.StatusOK, "POST", path+"/rotate", "").decode(t, &shown)
	if shown.Secret == adas.Secret || shown.Former == nil || *shown.Former != adas.Secret || shown.FormerUntil == nil {
		t.Errorf("exchanged: %+v", shown)
	}
	equal(t, "after that", secret(), shown)
	if p := h.must(t, http.StatusConflict, "POST", path+"/rotate", "{}").problem(t); strings.Contains(p.Detail, "whsec_") {
		t.Errorf("a refusal tells a secret: %s", p.Detail)
	}
	caller.User = alan.ID.String()
	equal(t, "another's after that", secret(), alans)
}

var exampleUser = uuid.NewString()
