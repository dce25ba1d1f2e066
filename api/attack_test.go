package api_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"heyq/people"
	"heyq/store"
)

// victim is a user with one of everything, and the words that no other user may read.
type victim struct {
	ids   map[string]string // of what, an id
	words []string
}

// bob has one of everything that a user can have. It leaves the caller as it was.
func (h *house) bob(t *testing.T, caller *people.Caller) victim {
	t.Helper()
	was := *caller
	defer func() { *caller = was }()
	*caller = people.Owner()
	bob := h.user(t, `{"email":"bob@bobs.example","first_name":"Bobbert","bio":"bobs-bio"}`)
	grace := h.user(t, `{"email":"grace@bobs.example"}`)
	*caller = people.Caller{User: bob.ID.String(), Name: bob.Email, Role: store.RoleMember}
	var video, key struct{ ID, Secret string }
	h.must(t, http.StatusAccepted, "POST", "/v1/videos", `{"title":"bobs-title","script":"bobs-script","avatar_id":"bobs-avatar",
		"metadata":{"bobs-name":"bobs-value"},"notify_url":"https://bobs.example/hook"}`, "Idempotency-Key", "bobs-key").decode(t, &video)
	h.must(t, http.StatusOK, "POST", "/v1/videos/"+video.ID+"/cancel", "")
	var told struct{ Notifications []struct{ ID string } }
	h.must(t, http.StatusOK, "GET", "/v1/videos/"+video.ID+"/notifications", "").decode(t, &told)
	h.must(t, http.StatusOK, "POST", "/v1/videos/"+video.ID+"/shares", `{"user_id":"`+grace.ID.String()+`"}`)
	h.must(t, http.StatusCreated, "POST", "/v1/keys", `{"name":"bobs-shop","scopes":["videos:read"]}`).decode(t, &key)
	var secret secretAnswer
	h.must(t, http.StatusOK, "GET", "/v1/notification-secret", "").decode(t, &secret)
	done := h.completed(t)
	return victim{
		ids: map[string]string{
			"user": bob.ID.String(), "whom it shows a video": grace.ID.String(), "video": video.ID, "finished video": done.String(),
			"notification": told.Notifications[0].ID, "key": key.ID,
		},
		words: []string{"bobs", "Bobbert", key.Secret, secret.Secret},
	}
}

// absent is an id beside another one: it does not exist, and is of the same age.
func absent(id string) string {
	last := "0"
	if strings.HasSuffix(id, "0") {
		last = "1"
	}
	return id[:len(id)-1] + last
}

// route is an operation as the documentation has it.
type route struct {
	method, path string
	params       []struct {
		Name, In string
		Schema   struct {
			Type string
			Enum []any
		}
	}
	body   map[string]any    // the first example; nil: it takes none
	fields map[string]string // of the body, with their types
}

// described reads every operation off the documentation, so that none is forgotten.
func (h *house) described(t *testing.T) (list []route) {
	t.Helper()
	type schema struct {
		Ref        string `json:"$ref"`
		Type       any
		Properties map[string]schema
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters  json.RawMessage
			RequestBody struct {
				Content map[string]struct {
					Schema   schema
					Examples map[string]struct{ Value map[string]any }
				}
			}
		}
		Components struct{ Schemas map[string]schema }
	}
	h.must(t, http.StatusOK, "GET", "/openapi.json", "").decode(t, &doc)
	for path, operations := range doc.Paths {
		for method, op := range operations {
			r := route{method: strings.ToUpper(method), path: path, fields: map[string]string{}}
			if len(op.Parameters) > 0 {
				if err := json.Unmarshal(op.Parameters, &r.params); err != nil {
					t.Fatal(err)
				}
			}
			content := op.RequestBody.Content["application/json"]
			for _, name := range slices.Sorted(maps.Keys(content.Examples))[:min(1, len(content.Examples))] {
				r.body = content.Examples[name].Value
			}
			body := content.Schema
			if name, ok := strings.CutPrefix(body.Ref, "#/components/schemas/"); ok {
				body = doc.Components.Schemas[name]
			}
			for name, field := range body.Properties {
				r.fields[name], _ = field.Type.(string)
			}
			list = append(list, r)
		}
	}
	return list
}

// attacks are the requests that carry an id, one in each place where one can stand.
// Other places have what is the caller's own.
func (r route) attacks(id, own string) (list []attack) {
	names := regexp.MustCompile(`\{\w+\}`)
	body := ""
	if r.body != nil {
		encoded, _ := json.Marshal(r.body)
		body = string(encoded)
	}
	for _, place := range names.FindAllString(r.path, -1) {
		target := names.ReplaceAllString(strings.Replace(r.path, place, id, 1), own)
		list = append(list, attack{r.method, target, body}, attack{r.method, target, ""})
	}
	target := names.ReplaceAllString(r.path, own)
	for _, p := range r.params {
		if p.In == "query" && p.Schema.Type == "string" && p.Schema.Enum == nil {
			value := id
			if p.Name == "cursor" {
				value = base64.RawURLEncoding.EncodeToString([]byte("videos " + id))
			}
			list = append(list, attack{r.method, target + "?" + p.Name + "=" + url.QueryEscape(value), body})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.fields)) {
		if r.path+" "+name == nameable {
			continue
		}
		var value any = id
		switch r.fields[name] {
		case "array":
			value = []string{id}
		case "object":
			value = map[string]string{"user_id": id}
		case "string":
		default:
			continue
		}
		with := maps.Clone(r.body)
		with[name] = value
		encoded, _ := json.Marshal(with)
		list = append(list, attack{r.method, target, string(encoded)})
	}
	return list
}

// nameable is the one place in which the id of another user means something: it may be
// shown a video by whoever knows its id.
const nameable = "/v1/videos/{id}/shares user_id"

type attack struct{ method, target, body string }

// What differs between two answers and says nothing.
var (
	aRequest = regexp.MustCompile(`"(request|trace)_id":"[^"]*"|request id [\w-]+`)
	anID     = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	aTime    = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`)
	aKey     = regexp.MustCompile(`heyq_\w+|whsec_[\w+/=]+`)
	aCursor  = regexp.MustCompile(`"next_cursor":"[^"]*"|cursor","value":"[^"]*"|"value":"dmlkZW9z[^"]*"`)
)

func plain(r reply) string {
	body := r.body
	for _, p := range []*regexp.Regexp{aRequest, aCursor, anID, aTime, aKey} {
		body = p.ReplaceAllString(body, "…")
	}
	return http.StatusText(r.status) + " " + body
}

// TestAttack_with_anothers_ids asks in each place of each operation for what another user
// has, as a member: the answer is that to an id which does not exist, and nothing changes.
func TestAttack_with_anothers_ids(t *testing.T) {
	t.Parallel()
	caller := people.Owner()
	h := open(t, staffed, as(&caller))
	bob := h.bob(t, &caller)
	ada := h.user(t, `{"email":"ada@example.com"}`)
	member := people.Caller{User: ada.ID.String(), Name: ada.Email, Role: store.RoleMember}
	caller = member
	own := h.create(t).String()
	state := func() (all string) {
		caller = people.Owner()
		defer func() { caller = member }()
		for _, path := range []string{
			"/v1/videos/" + bob.ids["video"], "/v1/videos/" + bob.ids["finished video"], "/v1/videos/" + bob.ids["video"] + "/notifications",
			"/v1/videos/" + bob.ids["video"] + "/shares", "/v1/users/" + bob.ids["user"], "/v1/users/" + bob.ids["user"] + "/videos",
			"/v1/notification-secret?user_id=" + bob.ids["user"],
		} {
			all += h.must(t, http.StatusOK, "GET", path, "").body + "\n"
		}
		return all
	}
	before, calls := state(), 0
	for _, r := range h.described(t) {
		for what, id := range bob.ids {
			theirs, none := r.attacks(id, own), r.attacks(absent(id), own)
			for i := range theirs {
				a, b := theirs[i], none[i]
				if got, want := h.call(t, a.method, a.target, a.body), h.call(t, b.method, b.target, b.body); plain(got) != plain(want) {
					t.Errorf("%s %s %s of another's %s:\n%s\nand where there is none\n%s", a.method, a.target, a.body, what, plain(got), plain(want))
				} else {
					bob.wantUntold(t, a, got)
				}
				calls++
			}
		}
	}
	if calls < 300 {
		t.Errorf("only %d requests were tried", calls)
	}
	t.Logf("%d requests, each with two ids", calls)
	equal(t, "what the other user has", state(), before)
}

// wantUntold fails the test if an answer has a word of the victim's that was not asked with.
func (v victim) wantUntold(t *testing.T, a attack, r reply) {
	t.Helper()
	for _, word := range v.words {
		if strings.Contains(r.body, word) && !strings.Contains(a.target+a.body, word) {
			t.Errorf("%s %s tells %q: %s", a.method, a.target, word, r.body)
		}
	}
}

// TestAttack_by_lists reads every operation that needs no id, as a member of a heyq in
// which another user has much, and of one in which it has nothing: the answers are the same.
func TestAttack_by_lists(t *testing.T) {
	t.Parallel()
	answers := func(crowded bool) map[string]string {
		caller := people.Owner()
		h := open(t, staffed, as(&caller))
		var bob victim
		if crowded {
			bob = h.bob(t, &caller)
		}
		ada := h.user(t, `{"email":"ada@example.com"}`)
		caller = people.Caller{User: ada.ID.String(), Name: ada.Email, Role: store.RoleMember}
		h.create(t)
		list := map[string]string{}
		for _, r := range h.described(t) {
			target := strings.Replace(r.path, "/v1/users/{id}/", "/v1/users/"+ada.ID.String()+"/", 1)
			if r.method != "GET" || strings.Contains(target, "{") {
				continue
			}
			got := h.call(t, r.method, target, "")
			bob.wantUntold(t, attack{r.method, target, ""}, got)
			list[r.path] = plain(got)
		}
		return list
	}
	alone, crowded := answers(false), answers(true)
	equal(t, "beside another user", crowded, alone)
	if len(alone) < 10 || !strings.Contains(alone["/v1/videos"], `"total":1`) {
		t.Errorf("read were %v", alone)
	}
}

// Whose a video is, the caller alone says: nothing in the body of a request does.
func TestAttack_with_another_owner(t *testing.T) {
	t.Parallel()
	caller := people.Caller{User: "ada", Role: store.RoleMember}
	h := open(t, as(&caller))
	for _, body := range []string{
		strings.Replace(hello, "{", `{"metadata":{"user_id":"bob","user":"bob"},`, 1),
		`{"heygen":{"type":"image","image":{"type":"url","url":"https://example.com/a.jpg"},"script":"Hello","voice_id":"v","user_id":"bob"}}`,
	} {
		var made struct {
			UserID string `json:"user_id"`
		}
		h.must(t, http.StatusAccepted, "POST", "/v1/videos", body).decode(t, &made)
		equal(t, body, made.UserID, "ada")
	}
	for _, body := range []string{strings.Replace(hello, "{", `{"user_id":"bob",`, 1), strings.Replace(hello, "{", `{"UserID":"bob",`, 1)} {
		h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/videos", body)
		h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/videos/batch", `{"videos":[`+body+`]}`)
	}
	equal(t, "videos", h.videos(t), 2)
}
