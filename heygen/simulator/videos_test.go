package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen/simulator"
)

func TestRender_byTheClock(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := start(t, simulator.Options{RenderTime: 8 * time.Second, Clock: c.now})
	id := a.create("one")
	for _, step := range []struct {
		after    time.Duration
		one, all string
	}{
		{0, "pending", "queued"},
		{2 * time.Second, "processing", "processing"},
		{5 * time.Second, "processing", "processing"},
		{time.Second, "completed", "completed"},
		{time.Hour, "completed", "completed"},
	} {
		c.advance(step.after)
		v := get[video](a, "/v3/videos/"+id)
		if v.Status != step.one {
			t.Errorf("status %s, want %s", v.Status, step.one)
		}
		if (v.VideoURL != "") != (step.one == "completed") {
			t.Errorf("%s with link %q", v.Status, v.VideoURL)
		}
		if got := get[[]struct{ Status string }](a, "/v3/videos/statuses?video_ids="+id); got[0].Status != step.all {
			t.Errorf("bulk status %s, want %s", got[0].Status, step.all)
		}
	}
	v := get[video](a, "/v3/videos/"+id)
	if v.CompletedAt-v.CreatedAt != 8 || v.Duration != 4 || v.Title != "one" {
		t.Errorf("%+v", v)
	}
}

func TestGet_leavesOutWhatIsNotThere(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := start(t, simulator.Options{RenderTime: time.Minute, Clock: c.now})
	id := a.create("one")
	got := a.do("GET", "/v3/videos/"+id, nil).body
	want := fmt.Sprintf(`{"data":{"id":"%s","status":"pending","title":"one","created_at":%d}}`, id, c.now().Unix())
	if got != want {
		t.Errorf("got %s", got)
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	one, two := a.create("one"), a.create("two")
	got := get[[]map[string]string](a, "/v3/videos/statuses?batch_ids=b&video_ids="+two+",unknown,"+one)
	want := []map[string]string{
		{"video_id": two, "status": "completed"},
		{"video_id": "unknown", "status": "not_found"},
		{"video_id": one, "status": "completed"},
		{"batch_id": "b", "status": "not_found"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	most := strings.Repeat("x,", 99) + "x"
	if got := get[[]any](a, "/v3/videos/statuses?video_ids="+most); len(got) != 100 {
		t.Errorf("%d statuses", len(got))
	}
	for _, query := range []string{"", "video_ids=", "video_ids=" + most + ",x"} {
		if got := refused(t, a.do("GET", "/v3/videos/statuses?"+query, nil)); got != (refusal{400, "invalid_parameter", "video_ids"}) {
			t.Errorf("%.20s: %+v", query, got)
		}
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	id := a.create("one")
	link := get[video](a, "/v3/videos/"+id).VideoURL

	if got, want := a.do("DELETE", "/v3/videos/"+id, nil).body, `{"data":{"id":"`+id+`","deleted":true}}`; got != want {
		t.Errorf("got %s", got)
	}
	for _, method := range []string{"GET", "DELETE"} {
		if got := refused(t, a.do(method, "/v3/videos/"+id, nil)); got != (refusal{404, "video_not_found", ""}) {
			t.Errorf("%s: %+v", method, got)
		}
	}
	if r := a.do("GET", link, nil); r.status != 404 {
		t.Errorf("its file: %d", r.status)
	}
	if got := get[[]video](a, "/v3/videos"); len(got) != 0 {
		t.Errorf("listed: %+v", got)
	}
	if got := get[[]struct{ Status string }](a, "/v3/videos/statuses?video_ids="+id); got[0].Status != "not_found" {
		t.Errorf("bulk status %+v", got)
	}
	if n := a.Ledger().Accepted; n != 1 {
		t.Errorf("%d billed after the deletion", n)
	}
}

// pages follows the cursor to the end.
func pages(a *account, query url.Values) (titles []string, sizes []int) {
	a.t.Helper()
	for {
		var page struct {
			Data      []video
			HasMore   bool    `json:"has_more"`
			NextToken *string `json:"next_token"`
		}
		r := a.do("GET", "/v3/videos?"+query.Encode(), nil)
		if err := json.Unmarshal([]byte(r.body), &page); err != nil {
			a.t.Fatalf("%v in %s", err, r.body)
		}
		for _, v := range page.Data {
			titles = append(titles, v.Title)
		}
		sizes = append(sizes, len(page.Data))
		if page.HasMore != (page.NextToken != nil) {
			a.t.Fatalf("has_more and next_token disagree in %s", r.body)
		}
		if !page.HasMore {
			return titles, sizes
		}
		query.Set("token", *page.NextToken)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for i := range 12 {
		a.create(fmt.Sprintf("<row.%d>", i))
	}
	data[any](t, a.do("POST", "/v3/videos", speaking.with(object{"title": "filed", "folder_id": "f1"})))

	titles, sizes := pages(a, url.Values{"title": {"row"}, "limit": {"5"}})
	if diff := cmp.Diff([]int{5, 5, 2}, sizes); diff != "" {
		t.Error(diff)
	}
	if len(titles) != 12 || titles[0] != "<row.11>" || titles[11] != "<row.0>" {
		t.Errorf("not newest first: %v", titles)
	}
	for name, c := range map[string]struct {
		query url.Values
		want  []string
	}{
		"substring":       {url.Values{"title": {"row.1"}}, []string{"<row.11>", "<row.10>", "<row.1>"}},
		"whole":           {url.Values{"title": {"<row.1>"}}, []string{"<row.1>"}},
		"none":            {url.Values{"title": {"nobody"}}, nil},
		"folder":          {url.Values{"folder_id": {"f1"}}, []string{"filed"}},
		"exactly a page":  {url.Values{"title": {"row.1"}, "limit": {"3"}}, []string{"<row.11>", "<row.10>", "<row.1>"}},
		"folder and none": {url.Values{"folder_id": {"f1"}, "title": {"row"}}, nil},
	} {
		if got, _ := pages(a, c.query); !cmp.Equal(c.want, got) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if _, sizes := pages(a, url.Values{}); !cmp.Equal([]int{10, 3}, sizes) {
		t.Errorf("default pages %v", sizes)
	}
}

func TestList_cursorHoldsStill(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for i := range 4 {
		a.create(fmt.Sprint("old ", i))
	}
	var first struct {
		NextToken string `json:"next_token"`
	}
	if err := json.Unmarshal([]byte(a.do("GET", "/v3/videos?limit=2", nil).body), &first); err != nil {
		t.Fatal(err)
	}
	a.create("new")
	got, _ := pages(a, url.Values{"token": {first.NextToken}})
	if diff := cmp.Diff([]string{"old 1", "old 0"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestList_refuses(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for query, param := range map[string]string{
		"limit=0": "limit", "limit=101": "limit", "limit=x": "limit", "limit=": "limit", "token=!": "token", "token=eA": "token",
	} {
		if got := refused(t, a.do("GET", "/v3/videos?"+query, nil)); got != (refusal{400, "invalid_parameter", param}) {
			t.Errorf("%s: %+v", query, got)
		}
	}
}
