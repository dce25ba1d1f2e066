package endpoint_test

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"heyq/operate/endpoint"
	"heyq/store"
)

// memory is a store in memory, of one process.
type memory struct {
	mu   sync.Mutex
	held map[string]store.Endpoint
}

func (m *memory) Endpoints(context.Context) ([]store.Endpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.held)), nil
}

func (m *memory) SaveEndpoint(_ context.Context, e store.Endpoint) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held[e.ID] = e
	return nil
}

func (m *memory) DropEndpoint(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.held, id)
	return nil
}

func (*memory) Installation(context.Context) (store.Installation, error) {
	return store.Installation{}, nil
}

func (m *memory) Lead(ctx context.Context, _ string, fn func(context.Context) error) error {
	return fn(ctx)
}

// Run registers as soon as HeyGen lets it, mends what broke within the hour, and
// says of each only that it changed.
func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		a := newAccount(t)
		r := newRegistry(a, &memory{held: map[string]store.Endpoint{}}, func(o *endpoint.Options) { o.Log = zerolog.New(zerolog.SyncWriter(&said)) })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		a.away.Store(true)
		go func() { ended <- r.Run(ctx) }()
		wait := func(d time.Duration, want ...string) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			var lines []string
			for line := range strings.Lines(said.String()) {
				switch {
				case strings.Contains(line, "is not registered"):
					lines = append(lines, "failed")
				case strings.Contains(line, "is registered"):
					lines = append(lines, "registered")
				}
			}
			if diff := cmp.Diff(want, lines); diff != "" {
				t.Fatalf("said (-want +got):\n%s", diff)
			}
		}
		wait(time.Hour, "failed")
		a.away.Store(false)
		wait(10*time.Minute, "failed", "registered")
		wait(10*time.Hour, "failed", "registered")
		list, err := r.List(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatalf("HeyGen lists %+v (%v), want one", list, err)
		}
		if err := a.Delete(t.Context(), list[0].ID); err != nil {
			t.Fatal(err)
		}
		wait(time.Hour, "failed", "registered", "registered")
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
}
