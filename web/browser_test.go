package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"heyq/internal/testkit"
	"heyq/store"
	"heyq/store/postgres/postgrestest"
	"heyq/store/sqlite/sqlitetest"
)

// visitor sits at a browser before a house.
type visitor struct {
	*house
	tab context.Context
	url string
}

// glance is how long a person looks for what should be there.
const glance = 30 * time.Second

// visit serves a house, and opens a browser before it.
func visit(t *testing.T, tab context.Context, db store.Store) visitor {
	t.Helper()
	h := open(t, db)
	mux := http.NewServeMux()
	mux.Handle("/", h)
	mux.HandleFunc("GET /as/{name}", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "as", Value: r.PathValue("name"), Path: "/"})
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections() // streams of events end no sooner
		server.Close()
	})
	return visitor{h, tab, server.URL}
}

func (v visitor) do(steps ...chromedp.Action[chromedp.Void]) {
	v.Helper()
	ctx, cancel := context.WithTimeout(v.tab, glance)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		page, _ := chromedp.Run(v.tab, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
		v.Fatalf("%v; the page says: %s", err, page)
	}
}

func (v visitor) opens(path string) { v.Helper(); v.do(chromedp.Navigate(v.url + path)) }

// clicks by mouse what a selector of CSS names, and waits for what it leads to.
func (v visitor) clicks(css, then string) {
	v.Helper()
	v.do(chromedp.Click(chromedp.CSS(css)), chromedp.WaitVisible(chromedp.CSS(then)))
}

func (v visitor) sees(css string) { v.Helper(); v.do(chromedp.WaitVisible(chromedp.CSS(css))) }

func (v visitor) types(css, text string) {
	v.Helper()
	v.do(chromedp.SendKeys(chromedp.CSS(css), text))
}

func evaluate[T any](v visitor, script string, options ...chromedp.EvaluateOption) T {
	v.Helper()
	got, err := chromedp.Run(v.tab, chromedp.Evaluate[T](script, options...))
	if err != nil {
		v.Fatalf("%.80s: %v", script, err)
	}
	return got
}

// reaches presses Tab until what a selector names has the focus. What has it on the way
// is visible, and so is its ring.
func (v visitor) reaches(css string) {
	v.Helper()
	for range 80 {
		v.do(chromedp.KeyEvent(kb.Tab))
		switch evaluate[string](v, fmt.Sprintf(`(() => {
			const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
			const ring = s.outlineStyle !== "none" || getComputedStyle(e, "::after").outlineStyle !== "none";
			if (e !== document.body && (!ring || box.width === 0)) return "unseen: " + e.outerHTML.slice(0, 200);
			return e.matches(%q) ? "here" : "on";
		})()`, css)) {
		case "here":
			return
		case "on":
		default:
			v.Fatalf("on the way to %s the focus is not seen", css)
		}
	}
	v.Fatalf("Tab does not reach %s", css)
}

func (v visitor) presses(key, then string) {
	v.Helper()
	v.do(chromedp.KeyEvent(key), chromedp.WaitVisible(chromedp.CSS(then)))
}

// TestBrowser walks through all pages in a real browser: by mouse and by keyboard, as
// each role, on both databases.
func TestBrowser(t *testing.T) {
	t.Parallel()
	tab := testkit.Browser(t)
	complaints := listen(t, tab)
	databases := map[string]func(t *testing.T) store.Store{
		"sqlite":   func(t *testing.T) store.Store { return sqlitetest.Open(t) },
		"postgres": func(t *testing.T) store.Store { return postgrestest.Open(t, postgrestest.URL(t)) },
	}
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			v := visit(t, tab, open(t))
			ada := v.hire("ada", store.RoleMember)
			v.hire("eve", store.RoleViewer)
			film, broken := v.completed(ada.User, "A film"), v.broken(ada.User, "A broken one")
			v.byMouse(film)
			v.byKeyboard(broken)
			v.asViewer()
			v.asOwner()
			v.live(ada.User)
			if name == "sqlite" {
				v.fits(film, broken)
			}
			v.do(chromedp.Navigate("about:blank")) // before its server ends
		})
	}
	for _, said := range complaints() {
		t.Errorf("the browser complains: %s", said)
	}
}

// listen gathers what the browser complains about, such as what a policy forbids.
func listen(t *testing.T, tab context.Context) (complaints func() []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(tab)
	said, ended := []string{}, make(chan struct{})
	go func() {
		defer close(ended)
		for m, err := range chromedp.Console(ctx) {
			if err != nil {
				return
			}
			expected := strings.Contains(m.Text, "the server responded with a status of") || strings.Contains(m.Text, "EventSource")
			if !expected && (m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException) {
				said = append(said, m.String())
			}
		}
	}()
	return func() []string {
		cancel()
		<-ended
		return said
	}
}

// A member makes a video, tries a broken one again, and makes a key, by mouse.
func (v visitor) byMouse(film store.Video) {
	v.Helper()
	v.opens("/as/ada")
	v.sees("table.list")
	v.clicks(".tabs a[href='/videos?state=completed']", ".tabs a[href='/videos?state=completed'][aria-current]")
	v.clicks("tr[data-video='"+film.ID.String()+"'] a", "video[controls]")
	if ready := evaluate[float64](v, `new Promise(done => { const f = document.querySelector("video"); const tell = () => done(f.videoWidth); f.readyState > 0 ? tell() : (f.onloadedmetadata = tell, f.onerror = () => done(-1)); })`, chromedp.EvalAwaitPromise); ready <= 0 {
		v.Errorf("the film does not play: its width is %v", ready)
	}
	v.clicks("nav a[href='/videos/new']", "#script")
	v.types("#title", "Made by mouse")
	v.types("#script", "Fifteen letters") // a second, and ten cents
	if said := evaluate[string](v, `document.getElementById("script-count").textContent`); said != "15 of 5000 characters, about 0:01, about $0.10" {
		v.Errorf("the counter says %q", said)
	}
	v.clicks("form.sheet button.main", "#avatar_id-wrong")
	if title := evaluate[string](v, `document.getElementById("title").value + "/" + document.activeElement.getAttribute("role")`); title != "Made by mouse/alert" {
		v.Errorf("after a refusal there are %q", title)
	}
	v.types("#avatar_id", "avatar_1")
	v.clicks("form.sheet button.main", "article[data-state=queued]")
	v.clicks("article .actions a[href$='/cancel']", ".ask")
	v.clicks(".ask button.danger", "article[data-state=cancelled]")
	v.clicks("nav a[href='/me']", "#name")
	v.types("#name", "shop")
	v.clicks("form[action='/me/keys'] button", "#curl")
	if line := evaluate[string](v, `document.getElementById("curl").textContent`); !strings.HasSuffix(line, v.url+"/v1/videos") {
		v.Errorf("the line is %s", line)
	}
}

// A member finds a broken video and pays for it again, without a mouse.
func (v visitor) byKeyboard(broken store.Video) {
	v.Helper()
	v.opens("/as/ada")
	v.sees("table.list")
	v.reaches("a.skip")
	v.presses(kb.Enter, "main:focus")
	v.reaches(".tabs a[href='/videos?state=failed']")
	v.presses(kb.Enter, ".tabs a[href='/videos?state=failed'][aria-current]")
	v.reaches("tr[data-video='" + broken.ID.String() + "'] a")
	v.presses(kb.Enter, "article[data-state=failed]")
	v.reaches("a[href$='/retry']")
	v.presses(kb.Enter, ".ask")
	v.reaches(".ask button")
	v.presses(kb.Enter, "article[data-state=queued]")
	v.reaches("nav a[href='/videos/new']")
	v.presses(kb.Enter, "#script")
	v.reaches("#title")
	v.do(chromedp.KeyEvent("By keyboard" + kb.Tab + "Hello!" + kb.Tab + "avatar_1" + kb.Enter))
	v.sees("article[data-state=queued]")
	v.reaches("nav a[href='/me']")
	v.presses(kb.Enter, "#first_name")
	v.reaches("#first_name")
	v.do(chromedp.KeyEvent("X" + kb.Enter))
	v.sees("[role=status].good")
}

// A viewer looks, and is offered nothing else.
func (v visitor) asViewer() {
	v.Helper()
	v.opens("/as/eve")
	v.sees(".empty")
	if links := evaluate[string](v, `[...document.querySelectorAll("nav[aria-label=Main] a")].map(a => a.getAttribute("href")).join(" ")`); links != "/videos /docs/ /me" {
		v.Errorf("a viewer is led to %s", links)
	}
	v.opens("/videos/new")
	v.sees(".problem")
	v.clicks(".problem a[href='/videos']", ".empty")
}

// An owner finds a person, changes its role, and deactivates it.
func (v visitor) asOwner() {
	v.Helper()
	v.opens("/as/owner")
	v.sees("table.owned")
	v.clicks("nav a[href='/people']", "#search")
	v.types("#search", "EVE@"+kb.Enter)
	v.sees("#search[value='EVE@']")
	v.clicks("table.list a", "#email")
	v.do(chromedp.SendKeys(chromedp.CSS("#role"), "manager"))
	v.clicks("form.sheet button.main", "[role=status].good")
	v.clicks(".actions a[href$='/active']", ".ask")
	v.clicks(".ask button", ".pill.cancelled")
	v.clicks(".crumb a", "table.list")
	v.clicks(".head a[href='/people/new']", "#email")
	v.types("#email", "none"+kb.Enter)
	v.sees("#email-wrong")
}

// live moves a video while a page shows it: the page follows, and nothing jumps.
func (v visitor) live(user string) {
	v.Helper()
	video := v.make(user, "On its way")
	v.opens("/as/ada")
	row := "tr[data-video='" + video.ID.String() + "']"
	v.sees(row + "[data-state=queued]")
	const heights = `[...document.querySelectorAll("tr")].map(r => Math.round(r.getBoundingClientRect().top)).join(" ")`
	before := evaluate[string](v, heights)
	evaluate[bool](v, `window.stayed = true`)
	_, _, err := v.client.Cancel(v.Context(), store.Everyone(), video.ID)
	v.must(err)
	v.sees(row + "[data-state=cancelled]")
	if after := evaluate[string](v, heights); after != before {
		v.Errorf("rows have moved from %s to %s", before, after)
	}
	if !evaluate[bool](v, `window.stayed === true`) {
		v.Error("the page was loaded anew")
	}
}

// fits looks at all pages on a telephone and on a wide screen, in light and in dark: none
// is wider than its window, and axe finds nothing serious.
func (v visitor) fits(film, broken store.Video) {
	v.Helper()
	axe, err := os.ReadFile(filepath.Join(testkit.NPM(v.T, "axe-core@4.14.1"), "node_modules", "axe-core", "axe.min.js"))
	v.must(err)
	v.opens("/as/owner")
	dark := false
	for _, path := range []string{
		"/videos", "/videos?state=failed", "/videos/" + film.ID.String(), "/videos/" + broken.ID.String(), "/videos/new", "/videos/" + film.ID.String() + "/retry",
		"/me", "/people", "/people/new", "/nowhere", "/videos?state=completed&page=9",
	} {
		dark = !dark
		v.do(colours(dark), chromedp.EmulateViewport(1280, 800))
		v.opens(path)
		v.sees("main")
		for _, width := range []int64{360, 768, 1920} {
			v.do(chromedp.EmulateViewport(width, 800))
			if over := evaluate[float64](v, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				v.Errorf("%s at %d pixels is %v too wide", path, width, over)
			}
		}
		v.do(chromedp.EmulateViewport(map[bool]int64{true: 390, false: 1280}[dark], 800))
		evaluate[bool](v, string(axe)+";true")
		found := evaluate[[]string](v, `axe.run().then(r => r.violations.filter(f => ["serious", "critical"].includes(f.impact)).map(f => f.id + ": " + f.help + " " + f.nodes.map(n => n.html + " " + n.failureSummary).join("; ")))`, chromedp.EvalAwaitPromise)
		for _, f := range found {
			v.Errorf("%s (dark: %t): %s", path, dark, f)
		}
	}
	v.do(colours(false), chromedp.ResetViewport())
}

// colours are those that the reader prefers.
func colours(dark bool) chromedp.Action[chromedp.Void] {
	value := map[bool]string{true: "dark", false: "light"}[dark]
	return func(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
		_, err = cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}},
		})
		return none, err
	}
}
