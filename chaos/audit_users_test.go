package chaos

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/client"
	"heyq/store"
)

// Each way in which an answer may show what is another's is found, and a good answer is
// none of them.
func TestLook_finds_leaks(t *testing.T) {
	t.Parallel()
	const theirs, mine = "0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e", "0199b3a0-6f1e-7c3a-9d52-000000000001"
	problem := func(id string) string {
		return `{"status":404,"detail":"there is no video \"` + id + `\"","request_id":"` + uuid.NewString() + `"}`
	}
	list := func(user string, total int) string {
		return fmt.Sprintf(`{"videos":[{"id":"%s","user_id":"%s"}],"pagination":{"total":%d}}`, mine, user, total)
	}
	for _, c := range []struct {
		name      string
		wants     want
		got, none answer
		answered  bool
		leak      string // a part of it; empty: none
	}{
		{"another's, as if it were not there", absent, answer{404, problem(theirs)}, answer{404, problem(absentID)}, true, ""},
		{"another's", absent, answer{200, `{"id":"` + theirs + `","user_id":"alan"}`}, answer{404, problem(absentID)}, false, "it is let in"},
		{"another's that may not be changed", absent, answer{409, problem(theirs)}, answer{404, problem(absentID)}, false, "it is let in"},
		{"another's in other words", absent, answer{404, `{"detail":"video ` + theirs + ` is another's"}`}, answer{404, problem(absentID)}, true, "answered otherwise"},
		{"no answer", absent, answer{}, answer{404, problem(absentID)}, false, ""},
		{"not now", absent, answer{503, `{"detail":"away"}`}, answer{404, problem(absentID)}, false, ""},
		{"what is not there is not told now", absent, answer{404, problem(theirs)}, answer{503, `{"detail":"away"}`}, false, ""},
		{"a 503 that tells of another video", absent, answer{503, `{"detail":"0199b3a0-6f1e-7c3a-9d52-2f0a6b7c8d9e is busy"}`}, answer{503, ""}, false, "it names 0199b3a0-6f1e-7c3a-9d52-2f0a6b7c8d9e"},
		{"its own", own, answer{200, list("ada", 3)}, answer{}, true, ""},
		{"a list with another's", own, answer{200, list("alan", 3)}, answer{}, true, "it lists what is of alan"},
		{"a list that names another's", own, answer{200, `{"videos":[],"about":"` + theirs[:len(theirs)-1] + `f"}`}, answer{}, true, "it names "},
		{"a count of all", own, answer{200, list("ada", 4)}, answer{}, true, "it counts 4 videos"},
		{"another's list, which is empty", nothing, answer{200, `{"videos":[],"pagination":{"total":0}}`}, answer{}, true, ""},
		{"another's list, of which there is a number", nothing, answer{200, `{"videos":[],"pagination":{"total":1}}`}, answer{}, true, "it counts 1 videos"},
		{"a stream with another's", own, answer{200, "data: {\"id\":\"0199b3a0-6f1e-7c3a-9d52-2f0a6b7c8d9e\"}\n\n"}, answer{}, true, "it names "},
		{"a task of another's", own, answer{200, `{"tasks":[{"user_id":"alan"}]}`}, answer{}, true, "it lists what is of alan"},
		{"another's that is looked up, as if it were not there", own, answer{200, `{"videos":[{"id":"` + theirs + `","error":{"code":"not_found"}}]}`}, answer{}, true, ""},
		{"another's that is looked up", own, answer{200, `{"videos":[{"id":"` + theirs + `","video":{"id":"` + theirs + `","user_id":"alan"},"error":{"code":"unavailable"}}]}`}, answer{}, true, "it lists what is of alan"},
		{"an operator's list", refused, answer{403, `{}`}, answer{}, true, ""},
		{"an operator's list that is shown", refused, answer{200, `{"turns":[]}`}, answer{}, false, "it is let in"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := look{question: question{wants: c.wants}, user: "ada", thing: theirs, most: 3, got: c.got, none: c.none}
			if got := l.answered(); got != c.answered {
				t.Errorf("answered %t, want %t", got, c.answered)
			}
			leak := l.leak(func(id string) bool { return id != mine && id != absentID && strings.HasPrefix(id, "0199b3a0") })
			if (leak == "") != (c.leak == "") || !strings.Contains(leak, c.leak) {
				t.Errorf("got %q, want %q", leak, c.leak)
			}
			i := evidence{pried: pried{leaks: leaks(l, leak)}}.anothersIsUnseen()
			wantBreach(t, i, c.leak)
		})
	}
}

func leaks(l look, leak string) []string {
	if leak == "" {
		return nil
	}
	return []string{l.String() + ": " + leak}
}

// An API that shows everybody everything is found out by those who ask it.
func TestPryer_is_shown_a_leak(t *testing.T) {
	t.Parallel()
	theirs := uuid.NewString()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, absentID) {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprintf(w, `{"id":%q,"user_id":"alan"}`, theirs)
	}))
	t.Cleanup(api.Close)
	c := newCustomer(api.URL)
	for _, name := range []string{"ada", "alan"} {
		c.users = append(c.users, &user{id: name, secret: "heyq_" + name, client: client.New(api.URL, name)})
	}
	c.promises[uuid.MustParse(theirs)] = promise{user: 2}
	p := newPryer(c)
	video := question{"GET", "/v1/videos/{video}", "", absent}
	p.try(t.Context(), video, 1, 2, rand.IntN)
	i := evidence{pried: p.result()}.anothersIsUnseen()
	wantBreach(t, i, "ada asked GET /v1/videos/"+theirs)
	if i.Broken != 1 {
		t.Errorf("%d leaks, want 1", i.Broken)
	}
	p.try(t.Context(), video, 2, 1, rand.IntN) // ada has none to be asked for
	p.try(t.Context(), question{"GET", "/v1/videos", "", own}, 1, 2, rand.IntN)
	if i := (evidence{pried: p.result()}).anothersIsUnseen(); i.Broken != 2 {
		t.Errorf("%d leaks, want 2: %q", i.Broken, i.Culprits)
	}
}

func TestAnothersIsUnseen_knows_whose_each_row_is(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	e := evidence{
		users:    []string{store.DefaultUser, "ada", "alan"},
		promises: map[uuid.UUID]promise{id: {user: 2}}, rows: map[uuid.UUID]row{id: {UserID: "alan"}},
	}
	wantBreach(t, e.anothersIsUnseen(), "")
	e.rows[id] = row{UserID: "ada"}
	wantBreach(t, e.anothersIsUnseen(), "was promised to alan and is ada's")
	wantBreach(t, evidence{pried: pried{silent: []string{"GET /v1/keys is not answered"}}}.anothersIsUnseen(), "is not answered")
}

func TestUsersKeepTheirBounds(t *testing.T) {
	t.Parallel()
	two := 2
	got := func(held int, most *int) tape {
		return life(asked, with(admitted, func(e *entry) { e.UserID, e.Held, e.Bound = "ada", held, most }))
	}
	set := func(user string, second int64) []bound { return []bound{{At: time.Unix(second, 0), UserID: user}} }
	for _, c := range []struct {
		name   string
		tape   tape
		bounds []bound
		want   string
	}{
		{"no bound", got(7, nil), nil, ""},
		{"as many as it may", got(2, &two), nil, ""},
		{"one too many", got(3, &two), nil, "as the 3. one of ada, who may have 2"},
		{"one too many, by a bound of just then", got(3, &two), set("ada", 0), ""},
		{"one too many, by a bound of long before", got(3, &two), set("ada", -60), "who may have 2"},
		{"one too many, and another's bound is new", got(3, &two), set("alan", 0), "who may have 2"},
		{"one that it has had", life(admitted, with(begun, func(e *entry) { e.Held, e.Bound = 3, &two })), nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantBreach(t, evidence{tape: c.tape, bounds: c.bounds}.usersKeepTheirBounds(), c.want)
		})
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	// asks are videos that wait from the beginning, and are admitted in the second that
	// is given; 0: never.
	asks := func(to tape, user string, seconds ...int64) {
		for _, s := range seconds {
			id := uuid.New()
			to[id] = []entry{{At: time.Unix(0, 0), State: "queued", UserID: user}}
			if s > 0 {
				to[id] = append(to[id], entry{At: time.Unix(s, 0), State: "queued", UserID: user, Slot: true})
			}
		}
	}
	fair, unfair, alone := tape{}, tape{}, tape{}
	asks(fair, "ada", 1, 2, 3, 5, 6, 7, 0)
	asks(fair, "alan", 4, 8, 0)
	asks(unfair, "ada", 1, 2, 3, 4, 0)
	asks(unfair, "alan", 0)
	asks(alone, "ada", 1, 2, 3)
	three := []bound{{At: time.Unix(0, 0), UserID: "ada", Weight: 300}}
	for _, c := range []struct {
		name string
		e    evidence
		want Turns
	}{
		{"three to one", evidence{tape: fair, bounds: three}, Turns{Contested: 8, Changes: 1}},
		{"all to one of two", evidence{tape: unfair}, Turns{Contested: 4, Elsewhere: 0.5, Most: 2}},
		{"nobody else waits", evidence{tape: alone}, Turns{}},
		{"the other is at its bound", evidence{tape: unfair, bounds: []bound{{At: time.Unix(0, 0), UserID: "ada", Weight: 100, Slots: new(1)}}}, Turns{Contested: 1, Elsewhere: 0.5, Most: 0.5, Changes: 1}},
	} {
		if got := c.e.turns(); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}
