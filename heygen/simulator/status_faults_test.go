package simulator_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen/simulator"
)

// told is what the two endpoints say of one video.
type told struct {
	Get      int // HTTP status
	Status   string
	Link     bool
	Code     string
	Bulk     string
	BulkCode string
}

func (a *account) ask(id string) told {
	a.t.Helper()
	var seen told
	r := a.do("GET", "/v3/videos/"+id, nil)
	if seen.Get = r.status; r.status == 200 {
		v := data[struct {
			video
			FailureCode string `json:"failure_code"`
		}](a.t, r)
		seen.Status, seen.Link, seen.Code = v.Status, v.VideoURL != "", v.FailureCode
	}
	r = a.do("GET", "/v3/videos/statuses?video_ids="+id, nil)
	if r.status != 200 {
		seen.Bulk = fmt.Sprint(r.status)
		return seen
	}
	bulk := data[[]struct {
		Status string
		Error  struct{ Code string }
	}](a.t, r)
	if len(bulk) > 0 {
		seen.Bulk, seen.BulkCode = bulk[0].Status, bulk[0].Error.Code
	}
	return seen
}

func TestStatusFaults_passing(t *testing.T) {
	t.Parallel()
	rendering := told{Get: 200, Status: "processing", Bulk: "processing"}
	completed := told{Get: 200, Status: "completed", Link: true, Bulk: "completed"}
	for fault, want := range map[string]struct{ rendering, completed told }{
		"error_500":    {told{Get: 500, Bulk: "500"}, told{Get: 500, Bulk: "500"}},
		"not_found":    {told{Get: 404, Bulk: "not_found"}, told{Get: 404, Bulk: "not_found"}},
		"unknown_word": {told{Get: 200, Status: "post_processing", Bulk: "post_processing"}, told{Get: 200, Status: "post_processing", Bulk: "post_processing"}},
		"backwards":    {told{Get: 200, Status: "pending", Bulk: "queued"}, told{Get: 200, Status: "processing", Bulk: "processing"}},
		"no_link":      {rendering, told{Get: 200, Status: "completed", Bulk: "completed"}},

		"bulk_not_found": {told{Get: 200, Status: "processing", Bulk: "not_found"}, told{Get: 200, Status: "completed", Link: true, Bulk: "not_found"}},
		"left_out":       {told{Get: 200, Status: "processing"}, told{Get: 200, Status: "completed", Link: true}},
		"own_not_found":  {rendering, told{Get: 404, Bulk: "completed"}},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			a := start(t, simulator.Options{RenderTime: 8 * time.Second, Clock: c.now})
			id := a.create("one")
			rule := simulator.Rule{On: "status", Fault: fault}

			c.advance(4 * time.Second)
			a.faulty(rule)
			if diff := cmp.Diff(want.rendering, a.ask(id)); diff != "" {
				t.Errorf("rendering: %s", diff)
			}
			a.faulty()
			if diff := cmp.Diff(rendering, a.ask(id)); diff != "" {
				t.Errorf("rendering, the fault gone: %s", diff)
			}
			c.advance(4 * time.Second)
			a.faulty(rule)
			if diff := cmp.Diff(want.completed, a.ask(id)); diff != "" {
				t.Errorf("completed: %s", diff)
			}
			a.faulty()
			if diff := cmp.Diff(completed, a.ask(id)); diff != "" {
				t.Errorf("completed, the fault gone: %s", diff)
			}
		})
	}
}

func TestStatusFaults_lasting(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]told{
		"stuck":               {Get: 200, Status: "processing", Bulk: "processing"},
		"failed_legacy":       {Get: 200, Status: "failed", Code: "TTS_VOICE_UNAVAILABLE_ERR", Bulk: "failed", BulkCode: "TTS_VOICE_UNAVAILABLE_ERR"},
		"insufficient_credit": {Get: 200, Status: "failed", Code: "MOVIO_PAYMENT_INSUFFICIENT_CREDIT", Bulk: "failed", BulkCode: "MOVIO_PAYMENT_INSUFFICIENT_CREDIT"},

		"cancelled": {Get: 200, Status: "cancelled", Bulk: "cancelled"},
		"expired":   {Get: 200, Status: "expired", Bulk: "expired"},
		"deleted":   {Get: 200, Status: "deleted", Bulk: "deleted"},
	} {
		for _, when := range []string{"at acceptance", "at a look"} {
			t.Run(fault+" "+when, func(t *testing.T) {
				t.Parallel()
				c := newClock()
				opts := simulator.Options{RenderTime: 8 * time.Second, Clock: c.now, Concurrency: 1, Dir: t.TempDir()}
				a := start(t, opts)
				rule := simulator.Rule{On: "status", Fault: fault, Title: "doomed"}
				var id string
				if when == "at acceptance" {
					a.faulty(rule)
					id = a.create("doomed")
				} else {
					id = a.create("doomed")
					a.faulty(rule)
					a.ask(id)
				}
				a.faulty()
				if r := a.do("POST", "/v3/videos", avatar("two")); r.status != 429 {
					t.Errorf("a second render at the cap: %d", r.status)
				}

				c.advance(time.Hour)
				opts.Dir = killed(t, opts.Dir)
				for _, a := range []*account{a, start(t, opts)} {
					if diff := cmp.Diff(want, a.ask(id)); diff != "" {
						t.Error(diff)
					}
					billed := a.Ledger().Renders[0]
					if fails := fault != "stuck"; billed.Failed != fails || fails == (billed.BilledSeconds != 0) {
						t.Errorf("ledger %+v", billed)
					}
					next := a.do("POST", "/v3/videos", avatar("two"))
					if holds := fault == "stuck"; holds != (next.status == 429) {
						t.Errorf("the next create: %d", next.status)
					}
					if n := a.Ledger().MaxInFlight; n != 1 {
						t.Errorf("%d in flight at once", n)
					}
				}
				if fault == "stuck" {
					a.do("DELETE", "/v3/videos/"+id, nil)
					a.create("two")
					if billed := a.Ledger().Renders[0]; !billed.Abandoned || billed.BilledSeconds != 0 {
						t.Errorf("ledger %+v, want a render that was abandoned", billed)
					}
				}
			})
		}
	}
}

// TestStatusFaults_lastingComeTooLate: what was completed stays completed.
func TestStatusFaults_lastingComeTooLate(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	id := a.create("one")
	a.faulty(simulator.Rule{On: "status", Fault: "stuck"})
	if got := a.ask(id); got.Status != "completed" || a.fired("status/stuck") != 0 {
		t.Errorf("%+v", got)
	}
}

func TestListFaults(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := start(t, simulator.Options{Clock: c.now})
	old := a.create("old")
	c.advance(time.Minute)
	a.create("new")

	listed := func() (ids []string) {
		for _, v := range get[[]video](a, "/v3/videos") {
			ids = append(ids, v.ID)
		}
		return ids
	}
	a.faulty(simulator.Rule{On: "list", Fault: "lag", Delay: 30 * time.Second})
	if diff := cmp.Diff([]string{old}, listed()); diff != "" {
		t.Error(diff)
	}
	c.advance(30 * time.Second)
	if n := len(listed()); n != 2 {
		t.Errorf("%d listed later", n)
	}
	a.faulty(simulator.Rule{On: "list", Fault: "error_500", Count: 1})
	if r := a.do("GET", "/v3/videos", nil); r.status != 500 {
		t.Errorf("%d", r.status)
	}
	a.faulty(simulator.Rule{On: "list", Fault: "reset", Count: 1})
	if got := a.try(t.Context(), "GET", "/v3/videos", nil); !errors.Is(got.err, syscall.ECONNRESET) {
		t.Errorf("%+v", got)
	}
}
