package handlers_test

import (
	"errors"
	"testing"
	"time"

	"heyq/handlers"
	"heyq/heygen/simulator"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/store"
)

// What HeyGen says for a while, and not any more later, ends no paid render: not
// for the while that it is young, and not when it is old enough to be believed.
func TestLies_real(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault  string
		render time.Duration
		lasts  time.Duration // from the first lie on; 0: to the end
	}{
		{"bulk_not_found", 2 * time.Second, 1500 * time.Millisecond},
		{"left_out", 2 * time.Second, 0},
		{"not_found", 2 * time.Second, 1500 * time.Millisecond},
		{"unknown_word", 2 * time.Second, 1500 * time.Millisecond},
		{"own_not_found", 100 * time.Millisecond, 8 * time.Second},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			const n = 5
			// What HeyGen does not know for half a second is believed, and has to be
			// revived.
			p := newStill(t, n, c.render, func(o *handlers.Options) { o.NotFoundAfter = 500 * time.Millisecond })
			lies := func(lasts time.Duration) {
				rule := simulator.Rule{On: "status", Fault: c.fault, For: lasts}
				if err := p.simulator.SetFaults(simulator.Faults{Rules: []simulator.Rule{rule}}); err != nil {
					t.Fatal(err)
				}
			}
			lies(0)
			p.run(t)
			list := make([]jobs.NewVideo, n)
			for i := range list {
				list[i] = jobs.NewVideo{Title: "Hello", Render: jobs.Render{Script: "Hello Ada", AvatarID: "avatar_1", VoiceID: "voice_1"}}
			}
			if _, err := p.client.CreateVideos(t.Context(), list); err != nil {
				t.Fatal(err)
			}
			testkit.Eventually(t, func() error {
				if _, fired := p.simulator.Faults(); fired["status/"+c.fault] == 0 {
					return errors.New("HeyGen told the truth")
				}
				return nil
			})
			if c.lasts > 0 {
				lies(c.lasts)
			}
			p.waitFor(t, store.Completed, n)
			if ledger := p.simulator.Ledger(); ledger.Accepted != n {
				t.Errorf("%d renders were accepted for %d videos", ledger.Accepted, n)
			}
		})
	}
}

// A render that is over and gives no video fails at once, with HeyGen's own word.
func TestLies_real_not_told_of_an_end(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"cancelled", "canceled", "expired", "rejected", "deleted"} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			p := newStill(t, 1, 100*time.Millisecond)
			if err := p.simulator.SetFaults(simulator.Faults{Rules: []simulator.Rule{{On: "status", Fault: word}}}); err != nil {
				t.Fatal(err)
			}
			p.run(t)
			created, err := p.client.CreateVideos(t.Context(), []jobs.NewVideo{
				{Title: "Hello", Render: jobs.Render{Script: "Hello Ada", AvatarID: "avatar_1", VoiceID: "voice_1"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			p.waitFor(t, store.Failed, 1)
			v, err := p.store.Video(t.Context(), store.Everyone(), created[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			if v.Failure.Code != word || v.Resumable {
				t.Errorf("failed with %+v, resumable %t", v.Failure, v.Resumable)
			}
			if b, err := p.store.Backlog(t.Context()); err != nil || b.Slots != 0 {
				t.Errorf("%d slots are held, %v", b.Slots, err)
			}
		})
	}
}
