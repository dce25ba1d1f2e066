package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

func TestMe_keys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.hire("ada", store.RoleMember)
	h.hire("alan", store.RoleMember)
	if p := h.want(http.StatusOK, "ada", "GET", "/me", nil, "You have no keys", "videos:write", "ada@example.com"); strings.Contains(p.body, ">operate<") {
		t.Error("a member is offered what it may not")
	}
	made := h.want(http.StatusOK, "ada", "POST", "/me/keys", url.Values{"name": {"shop"}, "scopes": {"videos:read"}, "days": {"30"}}, "The key", "shop", "curl -H")
	secret := regexp.MustCompile(`heyq_[a-z0-9]{8}_[A-Z0-9]+`).FindString(made.body)
	c, ok, err := h.keys.Find(t.Context(), secret)
	if err != nil || !ok || c.User != ada.User || !c.May(people.ReadVideos) || c.May(people.WriteVideos) {
		t.Fatalf("the key lets in %+v, %t, %v", c, ok, err)
	}
	if p := h.want(http.StatusOK, "ada", "GET", "/me", nil, "shop", secret[:13]); strings.Contains(p.body, secret) {
		t.Error("a key is shown twice")
	}
	list, err := h.keys.List(t.Context(), ada)
	h.must(err)
	revoke := "/me/keys/" + list[0].ID.String() + "/revoke"
	h.want(http.StatusNotFound, "alan", "POST", revoke, nil)
	h.want(http.StatusOK, "ada", "GET", revoke, nil, "Revoke this key?", "shop")
	h.want(http.StatusSeeOther, "ada", "POST", revoke, nil)
	if _, ok, _ := h.keys.Find(t.Context(), secret); ok {
		t.Error("a revoked key lets in")
	}
	h.want(http.StatusOK, "ada", "GET", "/me", nil, "revoked")
	h.want(http.StatusUnprocessableEntity, "ada", "POST", "/me/keys", url.Values{"name": {"more"}, "scopes": {"operate"}}, "is wider than what you may do yourself", `value="more"`)
	h.want(http.StatusUnprocessableEntity, "ada", "POST", "/me/keys", url.Values{"name": {" "}}, "is blank", "is empty; give some of")
	h.want(http.StatusBadRequest, "ada", "POST", "/me/keys", url.Values{"name": {"x"}, "scopes": {"videos:read"}, "days": {"soon"}})
	if list, _ := h.keys.List(t.Context(), ada); len(list) != 1 {
		t.Errorf("there are %d keys, want 1", len(list))
	}

	h.callers["program"] = people.Caller{User: ada.User, Name: "ada", Role: store.RoleMember, Scopes: []people.Scope{people.ReadVideos}}
	h.want(http.StatusForbidden, "program", "POST", "/me/keys", url.Values{"name": {"x"}, "scopes": {"videos:read"}})
	h.want(http.StatusForbidden, "program", "POST", "/me", url.Values{"first_name": {"Eve"}})
}

// The owner's keys are on its page however many keys others make after.
func TestMe_keys_beside_many(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key, _, err := h.keys.Create(t.Context(), people.Owner(), wire.NewKey{Name: "the owner’s", Scopes: []string{"videos:read"}})
	h.must(err)
	ada := h.hire("ada", store.RoleMember)
	for range store.MostKeys {
		_, _, err := h.keys.Create(t.Context(), ada, wire.NewKey{Name: "hers", Scopes: []string{"videos:read"}})
		h.must(err)
	}
	if p := h.want(http.StatusOK, "owner", "GET", "/me", nil, "the owner’s"); strings.Contains(p.body, "hers") {
		t.Error("another's keys are listed")
	}
	h.want(http.StatusSeeOther, "owner", "POST", "/me/keys/"+key.ID.String()+"/revoke", nil)
}

func TestMe_profile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.hire("ada", store.RoleMember)
	h.want(http.StatusSeeOther, "ada", "POST", "/me", url.Values{
		"first_name": {"Augusta"}, "last_name": {"King"}, "time_zone": {"Europe/London"}, "bio": {"I count."},
		"role": {"owner"}, "email": {"eve@example.com"}, "active": {"no"}, // which it may not change
	})
	h.want(http.StatusOK, "ada", "GET", "/me?saved=1", nil, "Saved.", "Augusta", "King", "Europe/London", "I count.", "ada@example.com", "member")
	h.want(http.StatusUnprocessableEntity, "ada", "POST", "/me", url.Values{"first_name": {"Ada"}, "last_name": {"L"}, "time_zone": {"Mars/North"}, "bio": {""}}, "is no time zone that exists", `value="Mars/North"`)
	h.want(http.StatusOK, "owner", "GET", "/me", nil, "the operator token", "no password")
	h.want(http.StatusConflict, "owner", "POST", "/me", url.Values{"first_name": {"Eve"}}, "no profile")
}

func TestPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.want(http.StatusOK, "owner", "GET", "/people", nil, "You are alone here")
	form := url.Values{"email": {"ada@example.com"}, "first_name": {"Ada"}, "last_name": {"Lovelace"}, "role": {"member"}, "time_zone": {"UTC"}}
	at := h.want(http.StatusSeeOther, "owner", "POST", "/people/new", form).header.Get("Location")
	h.want(http.StatusOK, "owner", "GET", at, nil, "Saved.", "Ada Lovelace", "Deactivate", "See the videos")
	at = strings.TrimSuffix(at, "?saved=1")
	h.want(http.StatusConflict, "owner", "POST", "/people/new", form, "is another user", `value="Lovelace"`)
	h.want(http.StatusUnprocessableEntity, "owner", "POST", "/people/new", url.Values{"email": {"none"}, "role": {"king"}, "time_zone": {"UTC"}}, "is no e-mail address", `value="none"`)
	h.want(http.StatusSeeOther, "owner", "POST", at, url.Values{"role": {"manager"}, "last_name": {"King"}})
	h.want(http.StatusOK, "owner", "GET", "/people?search=KING", nil, "Ada King", "manager", "1–1 of 1")
	h.want(http.StatusOK, "owner", "GET", "/people?search=turing", nil, "Nobody is found")
	h.want(http.StatusOK, "owner", "GET", at+"/active", nil, "Deactivate this person?", "Its videos go on")
	h.want(http.StatusSeeOther, "owner", "POST", at+"/active", url.Values{"value": {"no"}})
	h.want(http.StatusOK, "owner", "GET", at, nil, "Deactivated", ">Activate<")
	h.want(http.StatusSeeOther, "owner", "POST", at+"/active", url.Values{"value": {"yes"}})
	h.want(http.StatusOK, "owner", "GET", "/people", nil, "Active")
}
