package handlers

import (
	"context"
	"errors"
	"testing"

	"github.com/hibiken/asynq"

	"heyq/jobs"
)

func TestProcessTask_archives_what_no_retry_mends(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for _, c := range []struct {
		name, kind, payload string
	}{
		{"an unknown kind", "video:translate", `{}`},
		{"a kind that begins like a known one", "video:create:now", `{"videos":[]}`},
		{"no kind", "", `{}`},
		{"a payload that is no JSON", jobs.VideoCreate.Name, `{`},
		{"an empty payload", jobs.VideoPoll.Name, ``},
		{"a payload of another shape", jobs.VideoPoll.Name, `["a"]`},
		{"no videos", jobs.VideoDownload.Name, `{"videos":[]}`},
		{"no id", jobs.VideoAnalyze.Name, `{"videos":[{"claim":1}]}`},
		{"no claim", jobs.VideoCreate.Name, `{"videos":[{"id":"01900000-0000-7000-8000-00000000ada0"}]}`},
		{"a broken scheduled job", jobs.StoreSweep.Name, `x`},
	} {
		err := b.ProcessTask(t.Context(), asynq.NewTask(c.kind, []byte(c.payload)))
		if !errors.Is(err, asynq.SkipRetry) {
			t.Errorf("%s: got %v, want one that asynq archives", c.name, err)
		}
	}
}

func TestProcessTask_knows_every_kind(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for _, kind := range jobs.Kinds {
		reached := false
		if b.kinds[kind] == nil {
			t.Errorf("%s has no handler", kind)
			continue
		}
		b.kinds[kind] = func(context.Context, []byte) error { reached = true; return nil }
		if err := b.ProcessTask(t.Context(), asynq.NewTask(kind, nil)); err != nil || !reached {
			t.Errorf("%s was not handled: %v", kind, err)
		}
	}
}
