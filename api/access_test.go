package api_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/api"
	"heyq/internal/testkit/golden"
	"heyq/people"
	"heyq/store"
)

// as has every request sent by one caller.
func as(c *people.Caller) option {
	return func(o *api.Options) { o.Caller = func(context.Context) people.Caller { return *c } }
}

// TestAccess asks every operation in every role, and compares what each may do with
// the table in the documentation.
func TestAccess(t *testing.T) {
	t.Parallel()
	caller := people.Owner()
	h := open(t, staffed, peopled(t), as(&caller), func(o *api.Options) { o.Metrics = http.NotFoundHandler() })
	var described struct {
		Paths map[string]map[string]struct {
			Security  []map[string][]string
			Responses map[string]any
		}
	}
	h.must(t, http.StatusOK, "GET", "/openapi.json", "").decode(t, &described)
	rows := map[string]string{} // by path and method
	for path, operations := range described.Paths {
		for method, op := range operations {
			method = strings.ToUpper(method)
			scope := "open"
			if len(op.Security) > 0 {
				scope = op.Security[0]["key"][0]
				if op.Responses["403"] == nil {
					t.Errorf("%s %s tells of no 403", method, path)
				}
			}
			row := fmt.Sprintf("| `%s %s` | %s |", method, path, scope)
			for _, role := range append(store.Roles, "") {
				caller = people.Caller{User: "ada", Name: "ada", Role: role}
				target := strings.NewReplacer("{id}", uuid.NewString(), "{queue}", "none", "{job}", "none").Replace(path)
				allowed := h.call(t, method, target, "").status != http.StatusForbidden
				if want := caller.May(people.Scope(scope)); allowed != want {
					t.Errorf("%s %s as %q: let through %t, want %t", method, path, role, allowed, want)
				}
				if role != "" {
					row += map[bool]string{true: " yes |", false: " |"}[allowed]
				}
			}
			rows[path+" "+method] = row
		}
	}
	page := rolesPage
	for _, at := range slices.Sorted(maps.Keys(rows)) {
		page += rows[at] + "\n"
	}
	caller = people.Caller{User: "ada", Role: store.RoleMember}
	for _, target := range []string{"/metrics"} {
		if got := h.call(t, "GET", target, ""); got.status != http.StatusForbidden {
			t.Errorf("%s as a member: got %d, want 403", target, got.status)
		}
	}
	golden.Want(t, "../docs/roles.md", page)
}

const rolesPage = `# Who may do what

A user has one role. The owner may do everything, and so may who shows the operator token. An operator moves queues,
jobs, alerts and admission. A manager sees and changes the videos of all users, and what they cost. A member has videos
of its own, and sees no others: another's video is not found, in whatever way it is asked for. A viewer looks at what it
is shown.

The user whose video it is, or who sees all, may show a video to a user (` + "`heyq videos share`" + `). The user then reads it, its
files and its script, and finds it in its lists. It changes nothing of it, shows it to no others, and does not see
whom it tells of its end: each of that is a 403, which says that the video is there for reading only. A video that is
shown no more is not found, from the next request on.

Each operation wants a scope, and each role has some (` + "`people/access.go`" + ` is the table). A test compares this page with
what the API does, in every role.

| operation | scope | owner | operator | manager | member | viewer |
|---|---|---|---|---|---|---|
`

// What a key may do is what both its scopes and its user's role allow.
func TestAccess_of_a_key(t *testing.T) {
	t.Parallel()
	caller := people.Caller{User: "ada", Role: store.RoleMember, Scopes: []people.Scope{people.ReadVideos, people.Operate}}
	h := open(t, staffed, as(&caller))
	h.must(t, http.StatusOK, "GET", "/v1/videos", "")
	if p := h.must(t, http.StatusForbidden, "POST", "/v1/videos", hello).problem(t); !strings.Contains(p.Detail, "the key lacks the scope videos:write") {
		t.Errorf("got %s", p.Detail)
	}
	if p := h.must(t, http.StatusForbidden, "GET", "/v1/jobs", "").problem(t); !strings.Contains(p.Detail, "the role member has not") {
		t.Errorf("got %s", p.Detail)
	}
	equal(t, "videos", h.videos(t), 0)
}

// TestAccess_to_anothers asks in every way for another's video.
func TestAccess_to_anothers(t *testing.T) {
	t.Parallel()
	caller := people.Caller{User: "ada", Name: "ada", Role: store.RoleMember}
	h := open(t, as(&caller), telling(t))
	id := h.create(t).String()
	mine := h.must(t, http.StatusOK, "GET", "/v1/videos/"+id, "")
	if !strings.Contains(mine.body, `"user_id":"ada"`) {
		t.Errorf("whose is it: %s", mine.body)
	}
	before := h.must(t, http.StatusOK, "GET", "/v1/videos/"+id, "").body

	caller = people.Caller{User: "alan", Name: "alan", Role: store.RoleMember}
	absent := uuid.NewString()
	for _, c := range [][2]string{
		{"GET", ""},
		{"POST", "/cancel"},
		{"POST", "/retry"},
		{"GET", "/file"},
		{"GET", "/thumbnail"},
		{"GET", "/captions"},
		{"GET", "/script"},
		{"POST", "/verify"},
		{"POST", "/refetch"},
		{"GET", "/notifications"},
		{"GET", "/events"},
	} {
		theirs, none := h.call(t, c[0], "/v1/videos/"+id+c[1], ""), h.call(t, c[0], "/v1/videos/"+absent+c[1], "")
		if theirs.status != http.StatusNotFound || tidy(theirs.body, id) != tidy(none.body, absent) {
			t.Errorf("%s%s: another's is %d %s, and what is not there %d %s", c[0], c[1], theirs.status, theirs.body, none.status, none.body)
		}
	}
	var got listing
	for _, query := range []string{"", "?user_id=ada", "?state=queued"} {
		h.must(t, http.StatusOK, "GET", "/v1/videos"+query, "").decode(t, &got)
		if len(got.Videos) != 0 || got.Pagination.Total != 0 {
			t.Errorf("%s lists %d of %d", query, len(got.Videos), got.Pagination.Total)
		}
	}
	// A key of idempotency is the user's own: the same one makes another video.
	alans := h.must(t, http.StatusAccepted, "POST", "/v1/videos", hello, "Idempotency-Key", "k")
	caller = people.Caller{User: "ada", Name: "ada", Role: store.RoleMember}
	if adas := h.must(t, http.StatusAccepted, "POST", "/v1/videos", hello, "Idempotency-Key", "k"); adas.body == alans.body {
		t.Error("another's answer was given under the same Idempotency-Key")
	}
	equal(t, "after all that", h.must(t, http.StatusOK, "GET", "/v1/videos/"+id, "").body, before)
}

func tidy(body, id string) string {
	body, _, _ = strings.Cut(body, `"request_id"`)
	return strings.ReplaceAll(body, id, "ID")
}

// A member does not go before others.
func TestAccess_to_the_front(t *testing.T) {
	t.Parallel()
	caller := people.Caller{User: "ada", Role: store.RoleMember}
	h := open(t, as(&caller))
	urgent := strings.Replace(hello, "{", `{"priority":1,`, 1)
	p := h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/videos", urgent).problem(t)
	equal(t, "wrong", p.locations(), []string{"body.priority"})
	h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/videos/batch", `{"videos":[`+urgent+`]}`)
	equal(t, "videos", h.videos(t), 0)
	h.must(t, http.StatusAccepted, "POST", "/v1/videos", strings.Replace(hello, "{", `{"priority":-1,`, 1))
	caller.Role = store.RoleManager
	h.must(t, http.StatusAccepted, "POST", "/v1/videos", urgent)
}

// The dashboard asks no scopes, so a key does not open it, whatever it may do elsewhere.
func TestAccess_to_the_dashboard(t *testing.T) {
	t.Parallel()
	caller := people.Owner()
	opened := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	h := open(t, as(&caller), func(o *api.Options) { o.Mounts = map[string]http.Handler{"/monitoring/": opened} })
	h.must(t, http.StatusNoContent, "GET", "/monitoring/", "")
	caller.Scopes = []people.Scope{people.Operate}
	h.must(t, http.StatusForbidden, "GET", "/monitoring/", "").problem(t)
	caller = people.Caller{User: "ada", Role: store.RoleManager}
	h.must(t, http.StatusForbidden, "GET", "/monitoring/", "").problem(t)
	caller.Role = store.RoleOperator
	h.must(t, http.StatusNoContent, "GET", "/monitoring/", "")
}
