package web_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/api"
	"heyq/internal/auth"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/live"
	"heyq/media"
	"heyq/people"
	"heyq/store"
	"heyq/store/sqlite/sqlitetest"
	"heyq/web"
	"heyq/wire"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// token is the operator's.
const token = "heyq_of_the_house_0123456789"

// house is the API with the pages, on a real store and a real media folder. Who sends a
// request stands in its cookie "as": owner, or another caller's name. One without it goes
// through the door, where people log in.
type house struct {
	*testing.T
	http.Handler
	db        store.Store
	media     *media.Library
	client    *jobs.Client
	keys      *people.Keys
	passwords *people.Passwords
	logins    *auth.Logins
	callers   map[string]people.Caller
}

type as struct{}

func open(t *testing.T, db store.Store, change ...func(*web.Options)) *house {
	t.Helper()
	dir := t.TempDir()
	library, err := media.Open(t.Context(), media.Options{URL: dir + "/media", Spool: dir + "/spool"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = library.Close() })
	h := &house{
		T: t, db: db, media: library, client: jobs.NewClient(db), keys: people.NewKeys(db, nil),
		callers: map[string]people.Caller{"owner": people.Owner()},
	}
	caller := func(ctx context.Context) people.Caller {
		if c, ok := ctx.Value(as{}).(people.Caller); ok {
			return c
		}
		return people.CallerOf(ctx)
	}
	users := people.NewUsers(db, nil, nil)
	client := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	h.logins = auth.NewLogins(client, token, nil)
	h.passwords = people.NewPasswords(db, users, h.logins, client)
	o := web.Options{Client: h.client, Users: users, Keys: h.keys, Passwords: h.passwords, Logins: h.logins, Store: db, Caller: caller, Outlook: halfway, Price: 0.1, Logger: zerolog.Nop()}
	for _, c := range change {
		c(&o)
	}
	pages := web.New(o)
	guard := func(next http.Handler) http.Handler {
		next = pages.InWords(next)
		door := auth.New(auth.Options{
			Token: token, Operator: people.Owner(), OperatorID: store.DefaultUser, Users: people.Members{Users: users, Passwords: h.passwords},
			Open: []string{web.AssetPattern}, Logins: h.logins, Hosts: []string{"example.com"}, Logger: zerolog.Nop(),
		}).Guard(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if cookie, err := r.Cookie("as"); err == nil {
				next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), as{}, h.callers[cookie.Value])))
				return
			}
			door.ServeHTTP(w, r)
		})
	}
	rows, _ := db.(store.Live)
	feed := live.New(live.Options{Store: rows, Redis: client})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = feed.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		_ = client.Close()
	})
	h.Handler = pages.InWords(api.New(api.Options{
		Client: h.client, Users: users, Keys: h.keys, Passwords: h.passwords, Logins: h.logins, Store: db, Files: library, Live: feed, Logger: zerolog.Nop(),
		Caller: caller, Guard: guard, Pages: pages,
	}))
	return h
}

// halfway is the outlook of every video.
func halfway(store.Video) wire.Outlook {
	half := 50
	return wire.Outlook{Progress: &half, ETA: &wire.ETA{At: time.Now().Add(3*time.Minute + time.Second)}}
}

func newHouse(t *testing.T, change ...func(*web.Options)) *house {
	t.Helper()
	return open(t, sqlitetest.Open(t), change...)
}

// hire makes a user who may be in the cookie.
func (h *house) hire(name string, role store.Role) people.Caller {
	h.Helper()
	email := name + "@example.com"
	first := strings.ToUpper(name[:1]) + name[1:]
	last := "Lovelace"
	u, err := people.NewUsers(h.db, nil, nil).Create(h.Context(), wire.UserChange{Email: &email, Role: &role, FirstName: &first, LastName: &last})
	h.must(err)
	h.callers[name] = people.Caller{User: u.ID.String(), Name: email, Role: role}
	return h.callers[name]
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// page is an answer, read.
type page struct {
	status int
	header http.Header
	body   string
}

// ask sends a request as a browser does. headers are pairs.
func (h *house) ask(name, method, target string, form url.Values, headers ...string) page {
	h.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if name != "" {
		r.AddCookie(&http.Cookie{Name: "as", Value: name})
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return page{w.Code, w.Header(), w.Body.String()}
}

// want sends a request that has to be answered with a status, and with these words.
func (h *house) want(status int, name, method, target string, form url.Values, words ...string) page {
	h.Helper()
	p := h.ask(name, method, target, form)
	if p.status != status {
		h.Fatalf("%s %s as %s: got %d, want %d\n%s", method, target, name, p.status, status, p.body)
	}
	for _, w := range words {
		if !strings.Contains(p.body, w) {
			h.Errorf("%s %s as %s does not say %q\n%s", method, target, name, w, p.body)
		}
	}
	return p
}

// make makes a video of a user's.
func (h *house) make(user, title string) store.Video {
	h.Helper()
	v, err := h.client.CreateVideo(h.Context(), jobs.NewVideo{
		Title: title, UserID: user, Render: jobs.Render{Script: "Hello " + title + "! Welcome aboard.", AvatarID: "avatar_1", VoiceID: "voice_1"},
	})
	h.must(err)
	return v
}

// step begins a step of one video, and ends it.
func (h *house) step(step store.Step, claims []store.Claim, end func(store.Run) store.End) store.Ended {
	h.Helper()
	runs, err := h.db.Begin(h.Context(), step, claims)
	h.must(err)
	if len(runs) != 1 {
		h.Fatalf("%s: %d began, want 1", step, len(runs))
	}
	ended, err := h.db.End(h.Context(), []store.End{end(runs[0])})
	h.must(err)
	if len(ended) != 1 {
		h.Fatalf("%s: %d ended, want 1", step, len(ended))
	}
	return ended[0]
}

// The journeys below bring a new video to where the name says. At most one video may be
// queued before them.

func (h *house) sent(user, title string, look time.Duration) store.Video {
	h.Helper()
	v := h.make(user, title)
	claims, err := h.db.Admit(h.Context(), 100)
	h.must(err)
	h.step(store.Create, claims, func(r store.Run) store.End { return store.Accepted(r, "hg-"+v.ID.String(), look) })
	return v
}

func (h *house) rendering(user, title string) store.Video { return h.sent(user, title, time.Hour) }

func (h *house) rendered(user, title string) (store.Video, store.Claim) {
	h.Helper()
	v := h.sent(user, title, 0)
	claims, err := h.db.Claim(h.Context(), store.Poll, 10)
	h.must(err)
	return v, *h.step(store.Poll, claims, store.Rendered).Next
}

// failed was rendered, and its download was given up: a retry resumes it.
func (h *house) failed(user, title string) store.Video {
	h.Helper()
	v, next := h.rendered(user, title)
	h.step(store.Download, []store.Claim{next}, func(r store.Run) store.End {
		return store.GaveUp(r, store.Failure{Code: "link_expired", Message: "the link has expired", Step: store.Download}, 0)
	})
	return v
}

// broken failed at HeyGen after it was sent: a retry pays again.
func (h *house) broken(user, title string) store.Video {
	h.Helper()
	v := h.sent(user, title, 0)
	claims, err := h.db.Claim(h.Context(), store.Poll, 10)
	h.must(err)
	h.step(store.Poll, claims, func(r store.Run) store.End {
		return store.RenderFailed(r, store.Failure{Code: "render_failed", Message: "the avatar has lost its voice", Step: store.Poll})
	})
	return v
}

func (h *house) completed(user, title string) store.Video {
	h.Helper()
	v, next := h.rendered(user, title)
	film, err := os.ReadFile("../heygen/simulator/clip/clip.mp4")
	h.must(err)
	still, err := os.ReadFile("../heygen/simulator/clip/still.jpg")
	h.must(err)
	sum := sha256.Sum256(film)
	h.step(store.Download, []store.Claim{next}, func(r store.Run) store.End {
		prefix, err := media.PrefixOf(v.ID.String(), r.Run)
		h.must(err)
		h.must(h.media.Publish(h.Context(), prefix,
			media.File{Name: media.VideoName, Data: film}, media.File{Name: media.ThumbnailName, Data: still}))
		return store.Downloaded(r, prefix, store.File{
			Bytes: int64(len(film)), SHA256: hex.EncodeToString(sum[:]), Duration: 4 * time.Second, Width: 640, Height: 360, VideoCodec: "h264", Thumbnail: true,
		})
	})
	return v
}

func (h *house) state(id uuid.UUID) store.State {
	h.Helper()
	v, err := h.db.Video(h.Context(), store.Everyone(), id)
	h.must(err)
	return v.State
}

// count says how many videos there are.
func (h *house) count() int {
	h.Helper()
	_, total, err := h.db.Videos(h.Context(), store.Everyone(), store.Filter{}, store.Page{Number: 1, Size: 1})
	h.must(err)
	return total
}
