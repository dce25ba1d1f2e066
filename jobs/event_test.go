package jobs_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/internal/filelink"
	"heyq/jobs"
	"heyq/store"
	"heyq/wire"
)

var ended = store.Delivery{
	ID: grace, VideoID: ada, Title: "Hello Ada", Metadata: map[string]string{"order": "7"},
	At:             time.Date(2030, 12, 31, 9, 8, 2, 0, time.UTC),
	VideoCreatedAt: time.Date(2030, 12, 31, 9, 0, 0, 0, time.UTC),
	ExpiresAt:      time.Date(2031, 1, 1, 9, 8, 2, 0, time.UTC),
}

func linksOf(t *testing.T) *filelink.Links {
	t.Helper()
	links, err := filelink.New("https://heyq.example.com", "secret")
	if err != nil {
		t.Fatal(err)
	}
	return links
}

// Receivers parse this: fields are only added.
func TestEncodeEvent_is_what_receivers_parse(t *testing.T) {
	t.Parallel()
	const common = `"title":"Hello Ada","metadata":{"order":"7"},"created_at":"2030-12-31T09:00:00Z"`
	link := func(file string) string { return linksOf(t).Of(ada, file, ended.At.Add(jobs.LinkLife)) }
	for _, c := range []struct {
		state store.State
		want  string
	}{
		{store.Completed, `"failure":null,"file":{"bytes":1048576,"sha256":"9f86","duration_seconds":12.5,"width":1920,"height":1080},` +
			`"file_url":"` + link("file") + `","captions_url":"` + link("captions") + `"`},
		{store.Failed, `"failure":{"code":"render_timeout","message":"too long","step":"poll"},"file":null`},
		{store.Cancelled, `"failure":null,"file":null`},
	} {
		t.Run(string(c.state), func(t *testing.T) {
			t.Parallel()
			d := ended
			d.State, d.Event = c.state, "video."+string(c.state)
			// A video that was revived, and tried again, has both of these.
			d.Failure = &store.Failure{Code: "render_timeout", Message: "too long", Step: store.Poll}
			d.File = &store.File{Bytes: 1 << 20, SHA256: "9f86", Duration: 12500 * time.Millisecond, Width: 1920, Height: 1080, Captions: true}
			got, err := jobs.EncodeEvent(d, linksOf(t).Of)
			if err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf(`{"type":"video.%s","timestamp":"2030-12-31T09:08:02Z","data":{"id":"%s","state":"%[1]s",%[3]s,%s}}`, c.state, ada, common, c.want)
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEncodeEvent_gives_no_link_without_an_address(t *testing.T) {
	t.Parallel()
	d := ended
	d.State, d.File = store.Completed, &store.File{Bytes: 1}
	body, err := jobs.EncodeEvent(d, (*filelink.Links)(nil).Of)
	if err != nil {
		t.Fatal(err)
	}
	var event wire.Ended
	if err := json.Unmarshal(body, &event); err != nil || event.Data.FileURL != "" || event.Data.File == nil {
		t.Errorf("got %+v, %v", event.Data, err)
	}
}

func TestEncodeEvent_is_bounded(t *testing.T) {
	const maxEvent = 256 << 10
	t.Parallel()
	v := valid("script")
	v.Title, v.Metadata = text(200, "<"), map[string]string{}
	for i := range 50 { // the longest that JSON can make of the longest that is taken
		v.Metadata[fmt.Sprintf("%02d%s", i, text(62, "<"))] = text(500, "<")
	}
	if err := v.Validate(); err != nil {
		t.Fatal(err)
	}
	d := ended
	d.State, d.Title, d.Metadata = store.Failed, v.Title, v.Metadata
	d.Failure = &store.Failure{Code: "long", Message: text(1<<20, "\x01"), Step: store.Create}
	body, err := jobs.EncodeEvent(d, linksOf(t).Of)
	if err != nil || len(body) > maxEvent {
		t.Errorf("%d bytes, %v; want at most %d", len(body), err, maxEvent)
	}
}
