package jobs_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/jobs"
	"heyq/store"
)

func TestPrepare_keeps_all_of_a_request(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"script", "audio_url", "template_id", "heygen"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			v := valid(source)
			v.Title, v.Description, v.Priority, v.UserID = "Hello 🎬", "For Ada", -3, "u1"
			v.NotBefore = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
			v.Metadata = map[string]string{"order": "7"}
			v.NotifyURL = "https://example.com/hook?token=1"
			prepared, err := v.Prepare()
			if err != nil {
				t.Fatal(err)
			}
			if prepared.ID.Version() != 7 {
				t.Errorf("id %s is no UUIDv7", prepared.ID)
			}
			want := store.NewVideo{
				ID: prepared.ID, UserID: "u1", Title: v.Title, Description: v.Description, Priority: int(v.Priority),
				NotBefore: v.NotBefore, Metadata: v.Metadata, NotifyURL: v.NotifyURL, Request: prepared.Request,
			}
			if diff := cmp.Diff(want, prepared); diff != "" {
				t.Errorf("prepared (-want +got):\n%s", diff)
			}
			render, err := jobs.ReadRender(prepared.Request)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(v.Render, render); diff != "" {
				t.Errorf("read back (-given +read):\n%s", diff)
			}
		})
	}
}

func TestPrepare_gives_ids_that_sort_by_creation(t *testing.T) {
	t.Parallel()
	last := ""
	for range 100 {
		prepared, err := valid("script").Prepare()
		if err != nil {
			t.Fatal(err)
		}
		if id := prepared.ID.String(); id <= last {
			t.Fatalf("%s came after %s", id, last)
		} else {
			last = id
		}
		if prepared.UserID != store.DefaultUser {
			t.Fatalf("user is %q", prepared.UserID)
		}
	}
}

func TestPrepare_makes_nothing_of_a_wrong_request(t *testing.T) {
	t.Parallel()
	prepared, err := jobs.NewVideo{}.Prepare()
	if diff := cmp.Diff(store.NewVideo{}, prepared); diff != "" || len(wrongFields(t, err)) == 0 {
		t.Errorf("got %v (-want +got):\n%s", err, diff)
	}
}

func TestReadRender_of_no_request(t *testing.T) {
	t.Parallel()
	for _, request := range []string{``, `[]`, `{"script":1}`} {
		if _, err := jobs.ReadRender([]byte(request)); err == nil {
			t.Errorf("%q was read", request)
		}
	}
}
