package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// A short run, to the end: nothing is quiet yet, but everything is counted.
func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-quiet", "0s", "-measure", "1s"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, layout := range []string{"sqlite", "postgres", "roles"} {
		if !strings.Contains(out.String(), "\n"+layout+" ") {
			t.Errorf("it says:\n%s", &out)
		}
	}
}

// A heyq that has had nothing to do for a minute lets a database sleep that does so when
// nothing is asked of it. On a busy machine a heyq may have been at work for longer.
func TestIdle_is_idle(t *testing.T) {
	t.Parallel()
	const most, during, tries = 1.00, 30 * time.Second, 3
	o, err := parse([]string{"-quiet", "62s"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	idle := func(ctx context.Context, layout, dir string) (err error) {
		s, err := start(ctx, o, layout, dir)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.close()) }()
		if _, err := s.one(ctx, s.byAPI); err != nil {
			return err
		}
		if err := sleep(ctx, o.quiet); err != nil {
			return err
		}
		for range tries {
			r, err := s.count(ctx, during)
			if err != nil {
				return err
			}
			t.Logf("%s: %.2f transactions a second", layout, r.transactions)
			if r.transactions <= most {
				return nil
			}
		}
		return fmt.Errorf("%s makes more than %.2f transactions a second, though nothing is asked of it", layout, most)
	}
	err = o.Run(t.Context(), func(ctx context.Context, dir string) error {
		var g errgroup.Group
		for _, layout := range []string{"postgres", "roles"} {
			g.Go(func() error { return idle(ctx, layout, filepath.Join(dir, layout)) })
		}
		return g.Wait()
	})
	if err != nil {
		t.Error(err)
	}
}

func TestParse_refuses(t *testing.T) {
	for _, args := range [][]string{{"-measure", "0s"}, {"-quiet", "-1s"}, {"-layouts", "mysql"}, {"surprise"}} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
