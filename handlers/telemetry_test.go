package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"heyq/heygen"
	"heyq/store"
)

var aStep = store.Run{
	Fence: store.Fence{Video: uuid.MustParse("0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"), Run: 1, State: store.Rendering}, HeyGenID: "hg", Attempt: 1,
	Origin: store.Origin{Trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Request: "order-4711"},
}

// Spans that are not sent and lines that are not written cost nothing.
func TestActivity_off_costs_nothing(t *testing.T) {
	h := &Handlers{Options: Options{Log: zerolog.New(io.Discard).Level(zerolog.InfoLevel)}}
	runs, ends := []store.Run{aStep}, []store.End{store.Rendered(aStep)}
	outcomes := map[uuid.UUID]store.Ended{aStep.Video: {Video: aStep.Video, State: store.Downloading}}
	ctx := t.Context()
	if n := testing.AllocsPerRun(1000, func() {
		_, a := h.begin(ctx, store.Poll, runs)
		h.end(a, runs, ends, outcomes)
	}); n != 0 {
		t.Errorf("a step that tells nothing allocates %v times", n)
	}
}

func BenchmarkActivity_off(b *testing.B) {
	h := &Handlers{Options: Options{Log: zerolog.New(io.Discard).Level(zerolog.InfoLevel)}}
	runs, ends := []store.Run{aStep}, []store.End{store.Rendered(aStep)}
	outcomes := map[uuid.UUID]store.Ended{aStep.Video: {Video: aStep.Video, State: store.Downloading}}
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		_, a := h.begin(ctx, store.Poll, runs)
		h.end(a, runs, ends, outcomes)
	}
}

// One line a step, with all that it is searched by.
func TestActivity_line(t *testing.T) {
	t.Parallel()
	answer := &heygen.Error{Status: 400, Code: "invalid_parameter", Message: "no: SCRIPT-MARK", Param: "script", RequestID: "hr"}
	for name, c := range map[string]struct {
		end   store.End
		ended store.State
		want  map[string]any
	}{
		"done": {
			store.Rendered(aStep), store.Downloading,
			map[string]any{"level": "debug", "outcome": "downloading", "message": "the step is done"},
		},
		"again": {
			because(store.StepFailed(aStep, 0), fmt.Errorf("statuses: %w", answer)), store.Rendering,
			map[string]any{
				"level": "info", "outcome": "rendering", "message": "the step failed, and is tried again",
				"error": "HeyGen answered 400 invalid_parameter (param script) (request hr)",
			},
		},
		"failed": {
			store.RenderFailed(aStep, store.Failure{Code: "moderation", Message: "SCRIPT-MARK is not allowed"}), store.Failed,
			map[string]any{"level": "warn", "outcome": "failed", "message": "the video failed", "error": "moderation"},
		},
	} {
		var log bytes.Buffer
		h := &Handlers{Options: Options{Log: zerolog.New(&log)}}
		run := aStep
		_, a := h.begin(t.Context(), store.Poll, []store.Run{run})
		h.end(a, []store.Run{run}, []store.End{c.end}, map[uuid.UUID]store.Ended{run.Video: {Video: run.Video, State: c.ended}})
		var got map[string]any
		if err := json.Unmarshal(log.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v in %s", name, err, &log)
		}
		for key, value := range map[string]any{
			"video": run.Video.String(), "step": "poll", "attempt": 2.0, "heygen_id": "hg",
			"trace_id": "0af7651916cd43dd8448eb211c80319c", "request_id": "order-4711",
		} {
			c.want[key] = value
		}
		delete(got, "duration")
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPlain_has_no_words_of_strangers(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&heygen.Error{Status: 400, Code: "invalid_parameter", Message: "MARK"},
		dead(heygen.Video{FailureCode: "moderation", FailureMessage: "MARK"}),
		fmt.Errorf("fetch: %w", &url.Error{Op: "Get", URL: "https://files/v.mp4?signature=MARK", Err: errors.New("cut off")}),
	} {
		if text := plain(err); text == "" || strings.Contains(text, "MARK") {
			t.Errorf("%v is told as %q", err, text)
		}
	}
}
