package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/wire"
)

// A probe asks often, and waits for one answer only so long.
const (
	askWithin = 5 * time.Second
	askAgain  = 250 * time.Millisecond
)

func (p *program) ready() *cobra.Command {
	c := &cobra.Command{
		Use:   "ready",
		Short: "Ask a running heyq whether it can do its work",
		Long: `Ask the heyq at HEYQ_URL whether it can do its work. It needs no token, and no
shell around it, so that a container can probe itself. With the operator token it
is also told where each thing is, and what is wrong with it.

The exit code is 0 if it can, though perhaps not as it should, and 5 if it cannot
or does not answer. With --alive the process need only answer, which a worker
does at HEYQ_METRICS_ADDR.`,
		Example: `  heyq ready
  heyq ready --wait 1m
  HEYQ_URL=http://127.0.0.1:9090 heyq ready --alive`,
		Args: wantsNone,
	}
	asJSON := jsonFlag(c)
	alive := c.Flags().Bool("alive", false, "ask only whether the process answers")
	wait := c.Flags().Duration("wait", 0, "go on asking for so long, such as 30s")
	c.RunE = func(c *cobra.Command, _ []string) error {
		client, _, err := p.client()
		if err != nil {
			return err
		}
		ask := client.Server.Ready
		if *alive {
			ask = func(ctx context.Context) (wire.Readiness, error) {
				return wire.Readiness{Status: "alive"}, client.Server.Alive(ctx)
			}
		}
		h, err := askUntil(c.Context(), ask, *wait)
		switch {
		case err != nil:
			return err
		case *asJSON:
			return p.json(h)
		}
		p.showReady(h)
		return nil
	}
	return c
}

// askUntil asks until the heyq is ready or wait has passed, and at least once.
func askUntil(ctx context.Context, ask func(context.Context) (wire.Readiness, error), wait time.Duration) (wire.Readiness, error) {
	end := time.Now().Add(wait)
	for {
		h, err := askOnce(ctx, ask)
		if err == nil || ctx.Err() != nil || time.Until(end) <= 0 {
			return h, err
		}
		select {
		case <-ctx.Done():
			return h, ctx.Err()
		case <-time.After(askAgain):
		}
	}
}

// askOnce returns an error unless the heyq answers that it is ready.
func askOnce(ctx context.Context, ask func(context.Context) (wire.Readiness, error)) (wire.Readiness, error) {
	patient, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	h, err := ask(patient)
	switch {
	case err != nil && ctx.Err() == nil && patient.Err() != nil:
		return h, fault.Wrap(err, fault.Unavailable, "heyq gave no answer within %s", askWithin).
			WithHint("it is alive but hangs: look at its log")
	case err != nil || h.Status != "unhealthy":
		return h, err
	}
	unready := fault.New(fault.Unavailable, "heyq cannot do its work").
		WithHint("mend what is unhealthy; docs/operations.md says how")
	for _, name := range slices.Sorted(maps.Keys(h.Checks)) {
		if check := h.Checks[name]; check.Status != "healthy" {
			_ = unready.WithField(name, check.Status, "%s: %s", check.Status, cmp.Or(check.Reason, "why, it tells who shows HEYQ_OPERATOR_TOKEN"))
		}
	}
	return h, unready
}

func (p *program) showReady(h wire.Readiness) {
	mark, paint := screen.Good("✓"), screen.Good
	if h.Status == "degraded" {
		mark, paint = screen.Warn("!"), screen.Warn
	}
	p.screen.Printf("%s heyq is %s\n", mark, paint(string(h.Status)))
	var pairs [][2]string
	for _, name := range slices.Sorted(maps.Keys(h.Checks)) {
		check := h.Checks[name]
		status := screen.Good(string(check.Status)) + " "
		if check.Status != "healthy" {
			status = screen.Warn(string(check.Status))
		}
		took := screen.Dim(fmt.Sprintf("%8.1f ms", check.LatencyMS))
		pairs = append(pairs, [2]string{name, status + took + "  " + screen.Dim(check.Reason)})
	}
	p.screen.Pairs(pairs...)
}
