// Package apptest runs a whole heyq beside a test: the API, workers, the scheduler and the
// simulator, in this process, and on this machine alone.
package apptest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"heyq/app"
	"heyq/config"
)

// Heyq is one that runs.
type Heyq struct {
	URL   string // of its API
	Token string // its operator's
}

// Start runs a heyq until the test ends. environ is its environment: HEYQ_DIR, if it has
// none, is a folder that goes with the test.
func Start(t testing.TB, environ ...string) Heyq {
	t.Helper()
	h, stop, err := Run(t.TempDir(), environ...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// Run does the same in a folder, until stop is called.
func Run(dir string, environ ...string) (h Heyq, stop func() error, err error) {
	c, _, err := config.Load(append([]string{"HEYQ_DIR=" + dir, "HEYQ_ADDR=127.0.0.1:0"}, environ...))
	if err != nil {
		return h, nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	a, err := app.New(ctx, app.Options{
		Config: c, Roles: []app.Role{app.API, app.Worker, app.Scheduler}, Migrate: true,
		Simulator: app.Simulator{RenderTime: 100 * time.Millisecond}, Logger: zerolog.Nop(),
	})
	if err != nil {
		cancel()
		return h, nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	return Heyq{a.Where().API, a.OperatorToken().Reveal()}, func() error {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	}, nil
}
