package app

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"heyq/internal/fault"
	"heyq/internal/logs"
	"heyq/internal/testkit"
)

// The least that any log of a process wants is what all of them are let through
// (see logs.New). The logs that other tests read are not among those, and lack
// nothing as long as one log wants everything.
var _, _ = logs.New(io.Discard, zerolog.TraceLevel)

// newLevels is a process that logs at info, on the Redis at url.
func newLevels(t *testing.T, url string) *levels {
	t.Helper()
	client := testkit.OpenRedis(t, url)
	log, level := logs.New(io.Discard, zerolog.InfoLevel)
	l := &levels{redis: client, level: level, log: log}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = l.follow(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		level.Close()
	})
	return l
}

func wantLevels(t *testing.T, want zerolog.Level, all ...*levels) {
	t.Helper()
	testkit.Eventually(t, func() error {
		for i, l := range all {
			if got := l.level.Now(); got != want {
				return fmt.Errorf("process %d logs at %s, want %s", i, got, want)
			}
		}
		return nil
	})
}

// Whoever is asked, all follow, and go back when the time has come.
func TestLevels_are_shared_real(t *testing.T) {
	t.Parallel()
	url := testkit.Redis(t)
	a, b := newLevels(t, url), newLevels(t, url)
	debug, warn := zerolog.DebugLevel, zerolog.WarnLevel
	if err := a.Change(t.Context(), &debug, 0, true); err != nil {
		t.Fatal(err)
	}
	wantLevels(t, debug, a, b, newLevels(t, url)) // and who starts later
	if err := b.Change(t.Context(), &warn, 5*time.Second, true); err != nil {
		t.Fatal(err)
	}
	wantLevels(t, warn, a, b)
	wantLevels(t, zerolog.InfoLevel, a, b)
	if err := a.Change(t.Context(), &debug, 0, true); err != nil {
		t.Fatal(err)
	}
	wantLevels(t, debug, a, b)
	if err := b.Change(t.Context(), nil, 0, true); err != nil {
		t.Fatal(err)
	}
	wantLevels(t, zerolog.InfoLevel, a, b)
	if err := a.Change(t.Context(), &debug, 0, false); err != nil {
		t.Fatal(err)
	}
	if a.level.Now() != debug || b.level.Now() != zerolog.InfoLevel {
		t.Errorf("a change of one process is %s there and %s elsewhere", a.level.Now(), b.level.Now())
	}
}

func TestLevels_change_here_though_Redis_is_away(t *testing.T) {
	t.Parallel()
	l := newLevels(t, "redis://127.0.0.1:1/0?max_retries=-1")
	debug := zerolog.DebugLevel
	err := l.Change(t.Context(), &debug, 0, true)
	if fault.CodeOf(err) != fault.Unavailable || l.level.Now() != debug {
		t.Errorf("it logs at %s, and says %v", l.level.Now(), err)
	}
}
