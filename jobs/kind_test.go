package jobs_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/dispatch"
	"heyq/internal/testkit/golden"
	"heyq/jobs"
	"heyq/store"
)

var (
	ada   = uuid.MustParse("01900000-0000-7000-8000-00000000ada0")
	grace = uuid.MustParse("01900000-0000-7000-8000-00000000ace0")
)

// sample is a kind with a payload that fills every field.
type sample interface {
	check(t *testing.T)
}

type sampleOf[A interface{ Validate() error }] struct {
	kind jobs.Kind[A]
	args A
}

// samples lists every kind.
var samples = append(scheduled(), []sample{
	sampleOf[jobs.VideoTask]{jobs.VideoCreate, videoTask},
	sampleOf[jobs.VideoTask]{jobs.VideoPoll, videoTask},
	sampleOf[jobs.VideoTask]{jobs.VideoDownload, videoTask},
	sampleOf[jobs.VideoTask]{jobs.VideoAnalyze, videoTask},
	sampleOf[jobs.NotifyTask]{jobs.NotifyDeliver, jobs.NotifyTask{Notifications: []store.NotificationClaim{
		{Notification: ada, Claim: 3}, {Notification: grace, Claim: 1 << 40},
	}}},
}...)

func scheduled() (list []sample) {
	for _, e := range jobs.Schedule {
		list = append(list, sampleOf[jobs.Scheduled]{e.Kind, jobs.Scheduled{}})
	}
	return list
}

var videoTask = jobs.VideoTask{Videos: []store.Claim{{Video: ada, Claim: 3}, {Video: grace, Claim: 1 << 40}}}

// A task may be read by another version of heyq than sent it: payloads change
// by new fields only.
func TestKinds_keep_their_payloads(t *testing.T) {
	t.Parallel()
	for _, g := range samples {
		g.check(t)
	}
	files, err := os.ReadDir("testdata/payloads")
	if err != nil || len(files) != len(samples) || len(samples) != len(jobs.Kinds) {
		t.Errorf("%d kinds have %d golden payloads, %v", len(samples), len(files), err)
	}
}

func (g sampleOf[A]) check(t *testing.T) {
	t.Run(g.kind.Name, func(t *testing.T) {
		task, err := dispatch.NewTask(g.kind, g.args)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", "payloads", strings.ReplaceAll(g.kind.Name, ":", "_")+".json")
		golden.Want(t, path, string(task.Payload())+"\n")
		for name, payload := range map[string][]byte{
			"golden": task.Payload(),
			"newer":  bytes.Replace(task.Payload(), []byte("{"), []byte(`{"since":"tomorrow",`), 1),
		} {
			if name == "newer" {
				payload = bytes.Replace(payload, []byte(",}"), []byte("}"), 1) // of an empty object
			}
			got, err := g.kind.Decode(payload)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if diff := cmp.Diff(g.args, got); diff != "" {
				t.Errorf("%s, decoded (-sent +got):\n%s", name, diff)
			}
		}
	})
}

func TestDecode_refuses(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"nothing":            ``,
		"no JSON":            `{"videos"`,
		"another shape":      `[1]`,
		"null":               `null`,
		"no videos":          `{}`,
		"an empty list":      `{"videos":[]}`,
		"no id":              `{"videos":[{"claim":1}]}`,
		"the nil id":         `{"videos":[{"id":"00000000-0000-0000-0000-000000000000","claim":1}]}`,
		"an id that is none": `{"videos":[{"id":"ada","claim":1}]}`,
		"no claim":           `{"videos":[{"id":"01900000-0000-7000-8000-00000000ada0"}]}`,
		"a claim below one":  `{"videos":[{"id":"01900000-0000-7000-8000-00000000ada0","claim":-1}]}`,
		"one bad of two":     `{"videos":[{"id":"01900000-0000-7000-8000-00000000ada0","claim":1},{}]}`,
	} {
		if got, err := jobs.VideoCreate.Decode([]byte(payload)); !errors.Is(err, jobs.ErrPayload) || !strings.HasPrefix(err.Error(), "video:create: ") {
			t.Errorf("%s: got %+v, %v; want ErrPayload under the kind's name", name, got, err)
		}
	}
}

func TestKinds_are_named_and_queued_apart(t *testing.T) {
	t.Parallel()
	for kind, queue := range map[string]jobs.Queue{
		jobs.VideoCreate.Name: jobs.VideoCreate.Queue, jobs.VideoPoll.Name: jobs.VideoPoll.Queue,
		jobs.VideoDownload.Name: jobs.VideoDownload.Queue, jobs.VideoAnalyze.Name: jobs.VideoAnalyze.Queue,
	} {
		if n := len(queued(queue)); n != 1 {
			t.Errorf("%s shares its queue %s with %d others", kind, queue, n-1)
		}
	}
	for _, e := range jobs.Schedule {
		// What looks after all of them waits behind none.
		want := jobs.MaintenanceQueue
		if e.Kind.Name == jobs.OpsWatch.Name {
			want = jobs.WatchQueue
		}
		if e.Kind.Queue != want || e.Every < time.Minute {
			t.Errorf("%s runs on %s every %s", e.Kind.Name, e.Kind.Queue, e.Every)
		}
	}
}

// queued lists the kinds of videos on a queue.
func queued(queue jobs.Queue) (kinds []string) {
	for _, k := range []jobs.Kind[jobs.VideoTask]{jobs.VideoCreate, jobs.VideoPoll, jobs.VideoDownload, jobs.VideoAnalyze} {
		if k.Queue == queue {
			kinds = append(kinds, k.Name)
		}
	}
	return kinds
}
