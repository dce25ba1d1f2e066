package heygenhook_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/internal/heygenhook"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const ada = "01900000-0000-7000-8000-00000000ada0"
	for _, c := range []struct {
		name   string
		header http.Header
		body   string
		want   heygenhook.Event
	}{
		{
			"a success", nil,
			`{"event_id":"evt_1","event_type":"avatar_video.success","event_data":{"video_id":"hey_1","url":"https://x","callback_id":"` + ada + `"},"created_at":"now"}`,
			heygenhook.Event{ID: "evt_1", Type: "avatar_video.success", HeyGenID: "hey_1", Video: uuid.MustParse(ada)},
		},
		{
			"a failure", nil, `{"event_id":"evt_2","event_type":"avatar_video.fail","event_data":{"video_id":"hey_1","msg":"broken","callback_id":null}}`,
			heygenhook.Event{ID: "evt_2", Type: "avatar_video.fail", HeyGenID: "hey_1"},
		},
		{
			"the signed id wins over the header",
			http.Header{"Heygen-Event-Id": {"evt_9"}},
			`{"event_id":"evt_3","event_type":"x"}`,
			heygenhook.Event{ID: "evt_3", Type: "x"},
		},
		{
			"an id in the header alone",
			http.Header{"Heygen-Event-Id": {"evt_9"}},
			`{"event_type":"x"}`,
			heygenhook.Event{ID: "evt_9", Type: "x"},
		},
		{
			"no id: the body is its own", nil, `{"event_type":"x"}`,
			heygenhook.Event{ID: "dda7c88177a05995967c398c73a32bfa17c2ed0879b3e270050033a60effda7e", Type: "x"},
		},
		{
			"an id that nobody can remember",
			http.Header{"Heygen-Event-Id": {"evt_9"}},
			`{"event_id":"` + strings.Repeat("e", 129) + `","event_type":"x"}`,
			heygenhook.Event{ID: "evt_9", Type: "x"},
		},
		{
			"data of an event that is none of ours is not read", nil, `{"event_id":"e","event_type":"batch.finished","event_data":[1,2]}`,
			heygenhook.Event{ID: "e", Type: "batch.finished"},
		},
		{
			"a callback_id of another program", nil, `{"event_id":"e","event_type":"avatar_video.success","event_data":{"video_id":"h","callback_id":{"a":1}}}`,
			heygenhook.Event{ID: "e", Type: "avatar_video.success", HeyGenID: "h"},
		},
		{
			"ids that cannot be any", nil, `{"event_id":"e","event_type":"avatar_video.success","event_data":{"video_id":"a\u0000b","callback_id":"{` + ada + `}"}}`,
			heygenhook.Event{ID: "e", Type: "avatar_video.success"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := heygenhook.Parse(c.header, []byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParse_unreadable(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "null", "[]", "{}", "not JSON", `"avatar_video.success"`, `{"event_type":7}`, `{"event_type":""}`,
		`{"event_type":"avatar_video.success"}`, `{"event_type":"avatar_video.success","event_data":"x"}`,
		`{"event_type":"avatar_video.success","event_data":{"video_id":1}}`,
		`{"event_type":"x"} {"event_type":"x"}`,
	} {
		if e, err := heygenhook.Parse(nil, []byte(body)); !errors.Is(err, heygenhook.ErrUnreadable) {
			t.Errorf("%s became %+v (%v), want ErrUnreadable", body, e, err)
		}
	}
}

// What a stranger sends is refused by the signature alone, whatever else stands
// in it; what is signed is an event or an error.
func FuzzWebhook(f *testing.F) {
	const secret = "whsec_known"
	f.Add([]byte(`{"event_id":"e","event_type":"avatar_video.success","event_data":{"video_id":"h"}}`), "00", "", "", "")
	f.Fuzz(func(t *testing.T, body []byte, signature, plain, timestamp, id string) {
		header := http.Header{
			"Heygen-Signature": {signature}, "Signature": {plain}, "Heygen-Timestamp": {timestamp}, "Heygen-Event-Id": {id},
		}
		if stamp, err := heygenhook.ReadStamp(header, now); err == nil {
			keyring := heygenhook.NewKeyring(loading(secret))
			err := keyring.Verify(t.Context(), stamp, body)
			genuine := signs(signature, body, secret) || signs(plain, body, secret)
			if (err == nil) != genuine {
				t.Fatalf("verified is %v, the signature's being genuine %v", err == nil, genuine)
			}
		}
		e, err := heygenhook.Parse(header, body)
		switch {
		case err != nil && !errors.Is(err, heygenhook.ErrUnreadable):
			t.Fatalf("an error of another kind: %v", err)
		case err != nil && e != (heygenhook.Event{}):
			t.Fatalf("an unreadable event says %+v", e)
		case err == nil && (e.ID == "" || e.Type == ""):
			t.Fatalf("an event without id or type: %+v", e)
		case !e.OfRender() && (e.HeyGenID != "" || e.Video != uuid.Nil):
			t.Fatalf("an event of no render names one: %+v", e)
		}
	})
}
