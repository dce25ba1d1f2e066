package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// question is something that a user asks the API, which may be about another user: in
// its path and its body {video}, {notification} and {user} stand for the other's.
type question struct {
	method, path, body string
	wants              want
}

// want is how a question is to be answered.
type want int

const (
	own     want = iota // with what is the asker's
	nothing             // with a list of nothing
	absent              // as if it were about what there is not, in the same words
	refused             // the asker's role may not ask it: 403, or 404
)

var questions = []question{
	{"GET", "/v1/videos?per_page=100", "", own},
	{"GET", "/v1/videos?per_page=100&state=completed", "", own},
	{"GET", "/v1/videos?per_page=100&state=failed", "", own},
	{"GET", "/v1/videos?user_id={user}", "", nothing},
	{"POST", "/v1/videos/lookup", `{"ids":["{video}"],"stored":true}`, own},
	{"GET", "/v1/keys", "", own},
	{"GET", "/v1/tasks", "", own},
	{"GET", "/v1/events", "", own},
	{"GET", "/v1/videos/{video}", "", absent},
	{"GET", "/v1/videos/{video}/file", "", absent},
	{"GET", "/v1/videos/{video}/thumbnail", "", absent},
	{"GET", "/v1/videos/{video}/captions", "", absent},
	{"GET", "/v1/videos/{video}/script", "", absent},
	{"GET", "/v1/videos/{video}/notifications", "", absent},
	{"GET", "/v1/videos/{video}/events", "", absent},
	{"POST", "/v1/videos/{video}/cancel", "", absent},
	{"POST", "/v1/videos/{video}/retry", "", absent},
	{"POST", "/v1/videos/{video}/verify", "", absent},
	{"POST", "/v1/videos/{video}/refetch", "", absent},
	{"POST", "/v1/notifications/{notification}/redeliver", "", absent},
	{"POST", "/v1/notifications/redeliver", `{"video_id":"{video}"}`, absent},
	{"GET", "/v1/users/{user}/videos", "", absent},
	{"GET", "/v1/users/{user}", "", refused},
	{"GET", "/v1/users", "", refused},
	{"GET", "/v1/jobs", "", refused},
	{"GET", "/v1/jobs/{video}", "", refused},
	{"GET", "/v1/turns", "", refused},
	{"GET", "/v1/stats", "", refused},
}

// about is the question about one thing, by its id.
func (q question) about(id string) question {
	fill := strings.NewReplacer("{video}", id, "{notification}", id, "{user}", id)
	q.path, q.body = fill.Replace(q.path), fill.Replace(q.body)
	return q
}

// answer is what the API said. The status is 0 if it said nothing.
type answer struct {
	status int
	body   string
}

// look is a question as one user has asked it, and how it was answered.
type look struct {
	question
	user  string // who asks
	thing string // the id of what is another's; empty: the question is about nothing of another's
	most  int    // videos that the user may have

	got  answer
	none answer // to the same question about what there is not; of those that want absent
}

// answered reports whether the API has answered as is wanted, and not that it cannot now.
func (l look) answered() bool {
	switch l.wants {
	case own, nothing: // a route that this heyq does not have yet shows nothing
		return l.got.status == http.StatusOK || l.got.status == http.StatusNotFound
	case absent:
		return l.got.status == http.StatusNotFound && l.none.status == http.StatusNotFound
	}
	return l.got.status == http.StatusForbidden || l.got.status == http.StatusNotFound
}

// unable reports whether the API has said that it cannot answer now, or said nothing.
func (a answer) unable() bool { return a.status == 0 || a.status >= http.StatusInternalServerError }

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// leak says what an answer shows of another's; empty: nothing. Whatever it is that was
// asked, no answer names what isForeign knows, but for what the question has named.
func (l look) leak(isForeign func(string) bool) string {
	for _, id := range anyID.FindAllString(l.got.body, -1) {
		if id != l.thing && isForeign(id) {
			return "it names " + id
		}
	}
	var list struct {
		Videos, Keys, Tasks []struct {
			UserID string `json:"user_id"`
			Video  *struct {
				UserID string `json:"user_id"`
			} // of a lookup
			Error *struct{ Code string } // of a lookup: there is no such video
		}
		Pagination struct{ Total int }
	}
	if json.Unmarshal([]byte(l.got.body), &list) == nil {
		for _, item := range slices.Concat(list.Videos, list.Keys, list.Tasks) {
			user := item.UserID
			switch {
			case item.Video != nil:
				user = item.Video.UserID
			case item.Error != nil && item.Error.Code == "not_found" && user == "":
				continue
			}
			if user != l.user {
				return "it lists what is of " + user
			}
		}
		most := l.most
		if l.wants == nothing {
			most = 0
		}
		if list.Pagination.Total > most {
			return fmt.Sprintf("it counts %d videos, and %d are the asker's at most", list.Pagination.Total, most)
		}
	}
	switch {
	case l.got.unable():
	case l.wants == absent && l.got.status != http.StatusNotFound, l.wants == refused && l.got.status < http.StatusBadRequest:
		return "it is let in"
	case l.wants == absent && l.none.status == http.StatusNotFound && l.words(l.got, l.thing) != l.words(l.none, absentID):
		return "what is not there is answered otherwise: " + shortened(l.none.body)
	}
	return ""
}

// absentID is of nothing that there is.
const absentID = "0199ffff-ffff-7fff-8fff-ffffffffffff"

// words are those of an answer, whatever it is about and whichever request it was.
func (look) words(a answer, id string) string {
	body, _, _ := strings.Cut(a.body, `"request_id"`)
	return strings.ReplaceAll(body, id, "")
}

func (l look) String() string {
	return fmt.Sprintf("%s asked %s and got %d %s", l.user, strings.TrimSpace(l.method+" "+l.path+" "+l.body), l.got.status, shortened(l.got.body))
}

func shortened(text string) string {
	const most = 300
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

// pried is what came of all looks.
type pried struct {
	answered map[string]int // looks that were answered, by their question
	leaks    []string
	silent   []string // what was not answered in the end, though nothing was broken any more
}

// pryer has the users of a customer look for what is another's.
type pryer struct {
	customer *customer
	http     *http.Client

	mu    sync.Mutex
	found pried
}

func newPryer(c *customer) *pryer {
	return &pryer{customer: c, http: &http.Client{Timeout: tryTimeout}, found: pried{answered: map[string]int{}}}
}

const (
	pryers    = 3
	pryEvery  = 500 * time.Millisecond // each of them
	listenFor = time.Second            // to a stream of events
	mostRead  = 4 << 20
)

// run lets some of the users look, each time for something else, until ctx ends.
func (p *pryer) run(ctx context.Context, seed uint64) {
	users := len(p.customer.users)
	if users < 2 {
		return
	}
	var all sync.WaitGroup
	defer all.Wait()
	for n := range pryers {
		chance := rand.New(rand.NewPCG(seed, uint64(10+n)))
		all.Go(func() {
			for pause(ctx, pryEvery) {
				user := chance.IntN(users)
				other := (user + 1 + chance.IntN(users-1)) % users
				p.try(ctx, questions[chance.IntN(len(questions))], 1+user, 1+other, chance.IntN)
			}
		})
	}
}

// conclude lets each user ask each question once more, when nothing is broken any more,
// and count its own videos.
func (p *pryer) conclude(ctx context.Context) {
	users := len(p.customer.users)
	if users < 2 {
		return
	}
	var all sync.WaitGroup
	for user := range users {
		all.Go(func() {
			for n, q := range questions {
				first := func(int) int { return 0 }
				err := persist(ctx, tryTimeout, func(ctx context.Context) error {
					if !p.try(ctx, q, 1+user, 1+(user+1+n%(users-1))%users, first) {
						return fmt.Errorf("%s %s is not answered", q.method, q.path)
					}
					return nil
				})
				if err != nil {
					p.note(func(f *pried) { f.silent = append(f.silent, err.Error()) })
				}
			}
			p.countOwn(ctx, 1+user)
		})
	}
	all.Wait()
}

// countOwn has a user count its videos: it sees all of them.
func (p *pryer) countOwn(ctx context.Context, user int) {
	list, err := p.customer.by(user).Videos.List(ctx, "", 1, 1)
	if want := len(p.customer.videosOf(user)); err != nil || list.Pagination.Total != want {
		p.note(func(f *pried) {
			f.silent = append(f.silent, fmt.Sprintf("user %d sees %d of its %d videos (%v)", user, list.Pagination.Total, want, err))
		})
	}
}

// try has a user ask about another, and notes what comes of it. It reports false if there
// was no answer; if the other has nothing to be asked about there is nothing to answer.
func (p *pryer) try(ctx context.Context, q question, user, other int, choose func(int) int) (answered bool) {
	thing, ok := p.thingOf(ctx, q, other, choose)
	if !ok {
		return true
	}
	l := look{question: q.about(thing), user: p.customer.nameOf(user), thing: thing}
	l.got = p.ask(ctx, l.question, user)
	if q.wants == absent {
		l.none = p.ask(ctx, q.about(absentID), user)
	}
	l.most = p.customer.mostOf(user)
	leak := l.leak(func(id string) bool { return p.customer.isForeign(id, user) })
	p.note(func(f *pried) {
		if l.answered() {
			f.answered[q.method+" "+q.path]++
		}
		if leak != "" {
			f.leaks = append(f.leaks, l.String()+": "+leak)
		}
	})
	return l.answered()
}

// thingOf is the id of what a question is about, of the other user's.
func (p *pryer) thingOf(ctx context.Context, q question, other int, choose func(int) int) (id string, ok bool) {
	text := q.path + q.body
	switch {
	case strings.Contains(text, "{user}"):
		return p.customer.nameOf(other), true
	case !strings.Contains(text, "{"):
		return "", true
	}
	videos := p.customer.videosOf(other)
	if len(videos) == 0 {
		return "", false
	}
	id = videos[choose(len(videos))]
	if !strings.Contains(text, "{notification}") {
		return id, true
	}
	list, err := p.customer.by(other).Notifications.List(ctx, id)
	if err != nil || len(list) == 0 {
		return "", false
	}
	return list[0].ID, true
}

// ask sends a question with a user's key. Of an answer that does not end, a stream, it
// reads the beginning.
func (p *pryer) ask(ctx context.Context, q question, user int) (a answer) {
	most := tryTimeout
	if strings.HasSuffix(q.path, "/events") {
		most = listenFor
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, q.method, p.customer.api+q.path, strings.NewReader(q.body))
	if err != nil {
		return a
	}
	r.Header.Set("Authorization", "Bearer "+p.customer.users[user-1].secret)
	if q.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	got, err := p.http.Do(r)
	if err != nil {
		return a
	}
	defer got.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(got.Body, mostRead)) // what was read until it broke off counts
	return answer{got.StatusCode, string(body)}
}

func (p *pryer) note(change func(*pried)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.found)
}

func (p *pryer) result() pried {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.found
}

// videosOf are the ids of what a user was promised.
func (c *customer) videosOf(user int) (ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, p := range c.promises {
		if p.user == user {
			ids = append(ids, id.String())
		}
	}
	slices.Sort(ids)
	return ids
}

// mostOf is how many videos a user may have.
func (c *customer) mostOf(user int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked[user]
}

// isForeign reports whether an id is another user's, or that of one of its videos.
func (c *customer) isForeign(id string, asker int) bool {
	if slices.ContainsFunc(c.users, func(u *user) bool { return u.id == id }) {
		return id != c.nameOf(asker)
	}
	parsed, err := uuid.Parse(id)
	if err != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p, known := c.promises[parsed]
	return known && p.user != asker
}
