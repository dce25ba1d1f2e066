package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

// named finds in the package what a pattern's group matches, so that none is forgotten.
func named(t *testing.T, pattern string) (list [][]string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, regexp.MustCompile(pattern).FindAllStringSubmatch(string(source), -1)...)
	}
	if len(list) == 0 {
		t.Fatalf("nothing is like %s", pattern)
	}
	return list
}

// absent is an id beside another one: it does not exist, and is of the same age.
func absent(id string) string {
	last := "0"
	if strings.HasSuffix(id, "0") {
		last = "1"
	}
	return id[:len(id)-1] + last
}

// What differs between two pages and says nothing.
var anything = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|…[0-9a-f]{8}|form-\w+`)

// TestAttack_with_anothers_ids asks each page, in its path, in each parameter that any
// page knows and in each field that any form has, for what another user has: the answer
// is that to an id which does not exist, and nothing changes.
func TestAttack_with_anothers_ids(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob := h.hire("bobbert", store.RoleMember)
	video := h.broken(bob.User, "bobs title")
	key, _, err := h.keys.Create(t.Context(), bob, wire.NewKey{Name: "bobs shop", Scopes: []string{"videos:read"}})
	h.must(err)
	h.hire("ada", store.RoleMember)
	h.hire("eve", store.RoleViewer)
	ids := map[string]string{"user": bob.User, "video": video.ID.String(), "key": key.ID.String()}
	untold := []string{"Bobbert", "bobbert@", "bobs ", key.Shown}
	state := func() string {
		return h.want(http.StatusOK, "owner", "GET", "/people/"+bob.User, nil).body +
			h.want(http.StatusOK, "owner", "GET", "/videos?user="+bob.User, nil).body + h.want(http.StatusOK, "bobbert", "GET", "/me", nil).body
	}
	before, calls := state(), 0
	// fresh is a caller like another one who has changed nothing of its own yet.
	fresh := func(like string) string {
		name := fmt.Sprintf("%s%d", like, len(h.callers))
		h.hire(name, h.callers[like].Role)
		return name
	}
	// compare asks for what there is and for what there is not. If that is a whole page,
	// both are alike. What a form changes of its sender's own is shown to the sender: each
	// form has a fresh one, and only the statuses are compared.
	compare := func(name, method string, target func(id string) string, form func(id string) url.Values, id string, whole bool) {
		calls++
		one, other := name, name
		if form(id) != nil {
			one, other = fresh(name), fresh(name)
		}
		theirs := h.ask(one, method, target(id), form(id))
		none := h.ask(other, method, target(absent(id)), form(absent(id)))
		plain := func(p page) string { return anything.ReplaceAllString(p.body, "ID") }
		if theirs.status != none.status || whole && plain(theirs) != plain(none) {
			t.Errorf("%s as %s: %s %s %v is %d\n%s\nand where there is none %d\n%s", method, name, target(id), id, form(id), theirs.status, plain(theirs), none.status, plain(none))
		}
		for _, word := range untold {
			if strings.Contains(theirs.body, word) {
				t.Errorf("%s as %s: %s %v tells %q", method, name, target(id), form(id), word)
			}
		}
	}
	nothing := func(string) url.Values { return nil }
	parameters := map[string]bool{}
	for _, found := range named(t, `query\(r((?:, "\w+")+)\)`) {
		for _, name := range regexp.MustCompile(`\w+`).FindAllString(found[1], -1) {
			parameters[name] = true
		}
	}
	fields := map[string]bool{}
	for _, found := range named(t, `(?:sent\.(?:Get|Has)\(|given\(sent, |sent\[)"(\w+)"`) {
		fields[found[1]] = true
	}
	own := map[string]string{"ada": h.make(h.callers["ada"].User, "Hers").ID.String(), "eve": uuid.NewString()}
	for _, route := range named(t, `f\.page\("(\w+) (/[^"]*)"`) {
		method, path := route[1], route[2]
		for name := range own {
			mine := strings.ReplaceAll(path, "{id}", own[name])
			if method != "GET" {
				mine = strings.ReplaceAll(path, "{id}", uuid.NewString()) // what was changed once is not changed again
			}
			for _, id := range ids {
				if strings.Contains(path, "{id}") {
					compare(name, method, func(id string) string { return strings.ReplaceAll(path, "{id}", id) }, nothing, id, true)
				}
				for parameter := range parameters {
					compare(name, method, func(id string) string { return mine + "?" + parameter + "=" + id }, nothing, id, method == "GET")
				}
				if method == "GET" {
					continue
				}
				for field := range fields {
					compare(name, method, func(string) string { return mine }, func(id string) url.Values {
						form := hello()
						maps.Copy(form, url.Values{"key": {"form-" + strings.ReplaceAll(uuid.NewString(), "-", "")}, "name": {"a key"}, "scopes": {"videos:read"}})
						form.Set(field, id)
						return form
					}, id, false)
				}
			}
		}
	}
	if calls < 300 {
		t.Errorf("only %d requests were tried", calls)
	}
	t.Logf("%d requests, each with two ids", calls)
	ago := regexp.MustCompile(`just now|\d+ min ago`)
	if after := state(); ago.ReplaceAllString(after, "") != ago.ReplaceAllString(before, "") {
		t.Errorf("what the other user has was\n%s\nand is\n%s", before, after)
	}
}

// The list of a user's videos names the user to those alone who see them.
func TestVideos_of_another(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada, bob := h.hire("ada", store.RoleMember), h.hire("bob", store.RoleMember)
	h.hire("eve", store.RoleViewer)
	for _, name := range []string{"ada", "eve"} {
		for _, user := range []string{bob.User, uuid.NewString(), store.DefaultUser, strings.ToUpper(bob.User)} {
			p := h.want(http.StatusNotFound, name, "GET", "/videos?user="+user, nil, "there is no user "+user, "See the videos")
			if strings.Contains(p.body, "Bob") {
				t.Errorf("%s reads of %s: %s", name, user, p.body)
			}
		}
	}
	h.want(http.StatusOK, "ada", "GET", "/videos?user="+ada.User, nil, "Ada Lovelace")
	h.callers["boss"] = people.Caller{User: uuid.NewString(), Name: "boss", Role: store.RoleManager}
	h.want(http.StatusOK, "boss", "GET", fmt.Sprintf("/videos?user=%s", bob.User), nil, "Bob Lovelace")
}
