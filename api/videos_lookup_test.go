package api_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/api"
	"heyq/internal/fault"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

// countedRenders counts questions, and how many are under way.
type countedRenders struct {
	api.Renders
	mu             sync.Mutex
	asked          map[string]int
	underWay, most atomic.Int32
}

func (c *countedRenders) Render(ctx context.Context, id string) (wire.HeyGenRender, error) {
	if n := c.underWay.Add(1); n > c.most.Load() {
		c.most.Store(n)
	}
	defer c.underWay.Add(-1)
	c.mu.Lock()
	c.asked[id]++
	c.mu.Unlock()
	time.Sleep(time.Millisecond)
	return c.Renders.Render(ctx, id)
}

// lost is a HeyGen that answers some, and has lost what ends with an odd letter.
type lost struct{}

func (lost) Render(_ context.Context, id string) (wire.HeyGenRender, error) {
	switch {
	case strings.HasSuffix(id, "away"):
		return wire.HeyGenRender{}, fault.New(fault.Unavailable, "HeyGen could not be asked about the render %s", id)
	case strings.HasSuffix(id, "gone"):
		return wire.HeyGenRender{}, fault.New(fault.NotFound, "HeyGen knows no render %s", id)
	}
	return wire.HeyGenRender{ID: id, Status: "completed"}, nil
}

// accepted makes a video that HeyGen has taken under an id.
func (h *house) accepted(t *testing.T, heygenID string) string {
	t.Helper()
	id := h.create(t)
	claims, err := h.store.Admit(t.Context(), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	h.end(t, store.Accepted(h.beginClaims(t, store.Create, claims), heygenID, time.Hour))
	return id.String()
}

type lookedUp struct {
	ID     string
	Video  *struct{ ID, State string }
	HeyGen *struct{ ID, Status string }
	Error  *struct {
		Code    fault.Code
		Message string
	}
}

func (h *house) lookup(t *testing.T, ids []string, more string) []lookedUp {
	t.Helper()
	var got struct{ Videos []lookedUp }
	h.must(t, http.StatusOK, "POST", "/v1/videos/lookup", fmt.Sprintf(`{"ids":["%s"]%s}`, strings.Join(ids, `","`), more)).decode(t, &got)
	if len(got.Videos) != len(ids) {
		t.Fatalf("%d items for %d ids", len(got.Videos), len(ids))
	}
	return got.Videos
}

func (l lookedUp) words() string {
	var words []string
	if l.Video != nil {
		words = append(words, l.Video.State)
	}
	if l.HeyGen != nil {
		words = append(words, l.HeyGen.ID)
	}
	if l.Error != nil {
		words = append(words, string(l.Error.Code))
	}
	return strings.Join(words, " ")
}

func TestLookup(t *testing.T) {
	t.Parallel()
	caller := people.Owner()
	renders := &countedRenders{Renders: lost{}, asked: map[string]int{}}
	h := open(t, as(&caller), func(o *api.Options) { o.Renders = renders })
	one, two, gone := h.accepted(t, "hg-1"), h.accepted(t, "hg-2"), h.accepted(t, "hg-gone")
	away := h.accepted(t, "hg-away")
	queued, absent := h.create(t).String(), uuid.NewString()
	ids := []string{two, one, strings.ToUpper(two), absent, "../etc", "", uuid.Nil.String(), two, gone, away, queued}
	want := []string{
		"rendering hg-2", "rendering hg-1", "rendering hg-2", "not_found", "not_found", "not_found", "not_found", "rendering hg-2",
		"rendering not_found", "rendering unavailable", "queued",
	}
	var got []string
	items := h.lookup(t, ids, "")
	for i, item := range items {
		got = append(got, item.words())
		equal(t, "id", item.ID, ids[i])
	}
	equal(t, "items", got, want)
	equal(t, "of nothing", items[3].Error.Message, "there is no video \""+absent+"\"; list them with GET /v1/videos")
	equal(t, "asked", renders.asked, map[string]int{"hg-1": 1, "hg-2": 1, "hg-gone": 1, "hg-away": 1})

	for _, item := range h.lookup(t, []string{one, away}, `,"stored":true`) {
		equal(t, "what is stored", item.words(), "rendering")
	}
	equal(t, "asked for what is stored", renders.asked["hg-1"], 1)

	caller = people.Caller{User: "ada", Role: store.RoleMember}
	for _, item := range h.lookup(t, []string{one, queued}, "") {
		equal(t, "another's", item.words(), "not_found")
	}
	equal(t, "asked for another's", renders.asked["hg-1"], 1)
}

// HeyGen is asked about a few at a time, whoever looks them up.
func TestLookup_is_bounded(t *testing.T) {
	t.Parallel()
	renders := &countedRenders{Renders: lost{}, asked: map[string]int{}}
	h := open(t, func(o *api.Options) { o.Renders = renders })
	var ids []string
	for i := range 60 {
		ids = append(ids, h.accepted(t, fmt.Sprint("hg-", i)))
	}
	var all sync.WaitGroup
	for _, some := range [][]string{ids[:30], ids[30:]} {
		body := `{"ids":["` + strings.Join(some, `","`) + `"]}`
		all.Go(func() {
			if got := h.call(t, "POST", "/v1/videos/lookup", body); got.status != http.StatusOK || strings.Count(got.body, `"status":"completed"`) != 30 {
				t.Errorf("got %d %s", got.status, got.body)
			}
		})
	}
	all.Wait()
	if most := renders.most.Load(); most < 2 || most > 16 {
		t.Errorf("%d questions at once, want up to 16", most)
	}
}

func TestLookup_refused(t *testing.T) {
	t.Parallel()
	h := open(t)
	for body, status := range map[string]int{
		`{}`: 422, `{"ids":[]}`: 422, `{"ids":"a"}`: 422, `{"ids":[1]}`: 422, `{"id":[]}`: 422, ``: 400, `{`: 400,
		`{"ids":["` + strings.Join(slices.Repeat([]string{"a"}, 1001), `","`) + `"]}`: 413,
	} {
		h.must(t, status, "POST", "/v1/videos/lookup", body)
	}
}
