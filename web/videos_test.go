package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/rs/zerolog"

	"heyq/internal/testkit"
	"heyq/people"
	"heyq/store"
	"heyq/store/sqlite/sqlitetest"
	"heyq/web"
	"heyq/wire"
)

func hello() url.Values {
	return url.Values{"key": {"form-K7F3Q2AB"}, "title": {"Hello Ada"}, "script": {"Hello Ada!\r\nWelcome."}, "avatar_id": {" avatar_1 "}, "voice_id": {"voice_1"}, "priority": {"normal"}}
}

func TestVideos(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.want(http.StatusOK, "owner", "GET", "/videos", nil, "Your first video is one form away")
	ada := h.hire("ada", store.RoleMember)
	h.hire("eve", store.RoleViewer)
	h.want(http.StatusOK, "eve", "GET", "/videos", nil, "No video was shown to you yet")
	film := h.completed(ada.User, "A film")
	h.broken(ada.User, "A broken one")
	h.rendering(store.DefaultUser, "The owner’s")
	all := h.want(http.StatusOK, "owner", "GET", "/videos", nil, "A film", "A broken one", "The owner’s", "Ada Lovelace", "1–3 of 3", "/v1/videos/"+film.ID.String()+"/thumbnail", `<progress max="100" value="50" aria-label="Progress of The owner’s">`, "about 3 min", "the avatar has lost its voice")
	if strings.Index(all.body, "The owner’s") > strings.Index(all.body, "A film") {
		t.Error("the newest is not first")
	}
	mine := h.want(http.StatusOK, "ada", "GET", "/videos", nil, "A film", "1–2 of 2")
	if strings.Contains(mine.body, "The owner’s") || strings.Contains(mine.body, "Ada Lovelace") {
		t.Error("a member sees more than its own")
	}
	if p := h.want(http.StatusOK, "owner", "GET", "/videos?state=failed", nil, "A broken one"); strings.Contains(p.body, "A film") {
		t.Error("the state does not narrow")
	}
	h.want(http.StatusOK, "owner", "GET", "/videos?state=cancelled", nil, "No video is here", "See all videos")
	if p := h.want(http.StatusOK, "owner", "GET", "/videos?user="+ada.User, nil, "Ada Lovelace"); strings.Contains(p.body, "The owner’s") {
		t.Error("the user does not narrow")
	}
	for i := range 30 {
		h.make(ada.User, fmt.Sprintf("Number %d", i))
	}
	first := h.want(http.StatusOK, "owner", "GET", "/videos?state=queued", nil, "1–25 of 30", `href="/videos?page=2&amp;state=queued"`, "Number 29")
	second := h.want(http.StatusOK, "owner", "GET", "/videos?page=2&state=queued", nil, "26–30 of 30", `href="/videos?state=queued"`, "Number 0")
	if strings.Count(first.body, "data-video=") != 25 || strings.Count(second.body, "data-video=") != 5 {
		t.Error("the pages have other rows than they say")
	}
}

func TestVideo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	film := h.completed(store.DefaultUser, "A film")
	h.want(http.StatusOK, "owner", "GET", "/videos/"+film.ID.String(), nil, "A film", "<video controls", "/file\" download", "Where the time went", "In the queue", "Rendering", "Hello A film!", "avatar_1", "640×360")
	broken := h.broken(store.DefaultUser, "Oh")
	h.want(http.StatusOK, "owner", "GET", "/videos/"+broken.ID.String(), nil, "The render failed", "the avatar has lost its voice", "render_failed", "it is paid again", "/retry")
	lost := h.failed(store.DefaultUser, "Lost")
	h.want(http.StatusOK, "owner", "GET", "/videos/"+lost.ID.String(), nil, "the link has expired", "resumes that one and pays nothing")
	queued := h.make(store.DefaultUser, "")
	h.want(http.StatusOK, "owner", "GET", "/videos/"+queued.ID.String(), nil, "Untitled", "It waits for a render slot", "/cancel")
}

func TestNewVideo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.hire("ada", store.RoleMember)
	h.want(http.StatusOK, "ada", "GET", "/videos/new", nil, `name="key" value="form-`, `data-price="0.1"`, `data-most="5000"`, "0 of 5000 characters")
	made := h.want(http.StatusSeeOther, "ada", "POST", "/videos/new", hello())
	again := h.want(http.StatusSeeOther, "ada", "POST", "/videos/new", hello())
	if made.header.Get("Location") != again.header.Get("Location") || h.count() != 1 {
		t.Errorf("a form that was sent twice made %d videos", h.count())
	}
	h.want(http.StatusOK, "ada", "GET", made.header.Get("Location"), nil, "Hello Ada", "Hello Ada!\nWelcome.", "avatar_1")

	changed := hello()
	changed.Set("title", "Hello Alan")
	p := h.want(http.StatusConflict, "ada", "POST", "/videos/new", changed, "Send it again to make another one", `value="Hello Alan"`, "Welcome.</textarea>")
	key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(p.body)
	if h.count() != 1 || key == nil || key[1] == changed.Get("key") {
		t.Fatalf("%d videos, and the key is %v", h.count(), key)
	}
	changed.Set("key", html.UnescapeString(key[1]))
	h.want(http.StatusSeeOther, "ada", "POST", "/videos/new", changed)
	if h.count() != 2 {
		t.Errorf("%d videos, want 2", h.count())
	}
}

// What is wrong is told beside its field, and what was typed stays.
func TestNewVideo_wrong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.hire("ada", store.RoleMember)
	for name, c := range map[string]struct {
		set   url.Values
		field string
		words string
	}{
		"no avatar":      {url.Values{"avatar_id": {""}}, "avatar_id", "is missing; script needs it"},
		"no script":      {url.Values{"script": {""}}, "script", "is empty"},
		"a long script":  {url.Values{"script": {strings.Repeat("a", 5001)}}, "script", "has 5001 characters; give at most 5000"},
		"a blank script": {url.Values{"script": {" \r\n "}}, "script", "is blank"},
		"a long title":   {url.Values{"title": {strings.Repeat("t", 201)}}, "title", "has 201 characters"},
		"no such size":   {url.Values{"resolution": {"8k"}}, "resolution", "give 4k, 1080p or 720p"},
		"too urgent":     {url.Values{"priority": {"high"}}, "priority", "is above what you may ask for"},
		"no priority":    {url.Values{"priority": {"soon"}}, "priority", "is above what you may ask for"},
		"no UTF-8":       {url.Values{"title": {"\xff"}}, "title", "is not UTF-8"},
	} {
		form := hello()
		for field, value := range c.set {
			form[field] = value
		}
		p := h.ask("ada", "POST", "/videos/new", form)
		beside := regexp.MustCompile(`(?s)id="` + c.field + `-wrong">([^<]*)<`).FindStringSubmatch(p.body)
		if p.status != http.StatusUnprocessableEntity && p.status != http.StatusBadRequest || beside == nil || !strings.Contains(html.UnescapeString(beside[1]), c.words) {
			t.Errorf("%s: got %d, and beside the field %q\n%s", name, p.status, beside, p.body)
			continue
		}
		if !strings.Contains(p.body, `value="voice_1"`) || !strings.Contains(p.body, `role="alert"`) || !strings.Contains(p.body, `href="#`+c.field+`"`) {
			t.Errorf("%s: what was typed is lost: %s", name, p.body)
		}
	}
	if h.count() != 0 {
		t.Errorf("%d videos were made", h.count())
	}
	if p := h.want(http.StatusOK, "ada", "GET", "/videos/new", nil); strings.Contains(p.body, ">high<") {
		t.Error("a member is offered what it may not ask for")
	}
	h.want(http.StatusOK, "owner", "GET", "/videos/new", nil, "<option>high</option>")
	h.want(http.StatusRequestEntityTooLarge, "ada", "POST", "/videos/new", url.Values{"script": {strings.Repeat("a", 1<<20)}}, "That is too much")
}

// A change says before what it costs, and does no more than was confirmed.
func TestVideo_changes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	queued := "/videos/" + h.make(store.DefaultUser, "Soon").ID.String()
	h.want(http.StatusOK, "owner", "GET", queued+"/cancel", nil, "Nothing was sent yet, and nothing is billed")
	h.want(http.StatusSeeOther, "owner", "POST", queued+"/cancel", nil)
	h.want(http.StatusOK, "owner", "GET", queued, nil, "cancelled before anything was sent")
	h.want(http.StatusConflict, "owner", "POST", queued+"/cancel", nil, "cannot be cancelled")
	h.want(http.StatusConflict, "owner", "GET", queued+"/cancel", nil)

	sent := "/videos/" + h.rendering(store.DefaultUser, "On its way").ID.String()
	h.want(http.StatusOK, "owner", "GET", sent+"/cancel", nil, "it may finish the video and bill it")
	h.want(http.StatusConflict, "owner", "GET", sent+"/retry", nil, "only a failed or cancelled video")

	lost, broken := h.failed(store.DefaultUser, "Lost"), h.broken(store.DefaultUser, "Broken")
	h.want(http.StatusOK, "owner", "GET", "/videos/"+lost.ID.String()+"/retry", nil, "resumed, and nothing is paid again")
	h.want(http.StatusSeeOther, "owner", "POST", "/videos/"+lost.ID.String()+"/retry", nil)

	at := "/videos/" + broken.ID.String() + "/retry"
	h.want(http.StatusOK, "owner", "GET", at, nil, "is paid again: about $0.", `name="value" value="again"`, "Pay for another render")
	h.want(http.StatusConflict, "owner", "POST", at, nil, "may be billed again", "Decide about another render")
	if h.state(broken.ID) != store.Failed {
		t.Fatal("it was tried again without a yes to the price")
	}
	h.want(http.StatusSeeOther, "owner", "POST", at, url.Values{"value": {"again"}})
	if h.state(broken.ID) != store.Queued {
		t.Error("it was not tried again")
	}
}

func TestNewVideo_simulated(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *web.Options) { o.Simulated = true })
	if p := h.want(http.StatusOK, "owner", "GET", "/videos/new", nil, "nothing is paid"); strings.Contains(p.body, "$") {
		t.Error("it tells a price")
	}
}

// A page counts against the limits of the API, and what was typed stays.
func TestNewVideo_too_often(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	server.SetTime(time.Now()) // from then on it stands still
	db := sqlitetest.Open(t)
	limits := people.NewLimits(db, testkit.OpenRedis(t, "redis://"+server.Addr()), testkit.Patience, zerolog.Nop())
	h := open(t, db, func(o *web.Options) { o.Limits = limits })
	ada := h.hire("ada", store.RoleMember)
	_, err := limits.Set(t.Context(), ada.User, wire.LimitsChange{VideoCreate: &wire.Limit{Amount: 1, Seconds: 3600}, Read: &wire.Limit{Amount: 4, Seconds: 3600}})
	h.must(err)
	form := hello()
	h.want(http.StatusSeeOther, "ada", "POST", "/videos/new", form)
	form.Set("key", "form-another")
	h.want(http.StatusTooManyRequests, "ada", "POST", "/videos/new", form, "beyond your limit, which is 1 in 3600 s", `value="Hello Ada"`)
	h.want(http.StatusOK, "ada", "GET", "/videos", nil)
	h.want(http.StatusOK, "ada", "GET", "/videos", nil)
	if p := h.want(http.StatusTooManyRequests, "ada", "GET", "/videos", nil, "That was too often"); p.header.Get("Retry-After") == "" {
		t.Error("it does not say how long to wait")
	}
	if h.count() != 1 {
		t.Errorf("%d videos were made, want 1", h.count())
	}
}
