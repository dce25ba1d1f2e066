package api

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/semaphore"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

// slow answers after a time, unless the caller gives up.
type slow time.Duration

func (s slow) Render(ctx context.Context, id string) (wire.HeyGenRender, error) {
	select {
	case <-ctx.Done():
		return wire.HeyGenRender{}, fault.Wrap(ctx.Err(), fault.Unavailable, "HeyGen could not be asked about the render %s", id)
	case <-time.After(time.Duration(s)):
		return wire.HeyGenRender{ID: id}, nil
	}
}

// A lookup ends after its minute, with what it has got until then.
func TestTold_ends_in_time(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]int{50 * time.Millisecond: 200, 25 * time.Second: 2 * lookupsAtOnce, time.Hour: 0} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{renders: slow(took), lookups: semaphore.NewWeighted(lookupsAtOnce)}
			videos := map[string]store.Video{}
			for i := range 200 {
				videos[fmt.Sprint(i)] = store.Video{HeyGenID: fmt.Sprint("hg-", i)}
			}
			start, answered := time.Now(), 0
			for _, r := range s.told(t.Context(), videos) {
				if r.render != nil {
					answered++
				} else if !errors.Is(r.err, errNotAsked) {
					t.Errorf("got %v", r.err)
				}
			}
			if answered != want || time.Since(start) > lookupTime {
				t.Errorf("with answers after %s: %d in %s, want %d", took, answered, time.Since(start), want)
			}
		})
	}
}
