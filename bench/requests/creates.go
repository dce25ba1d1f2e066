package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"sync/atomic"
)

// measureCreates asks for videos, one a request. Nothing sends them on: there is no worker.
func measureCreates(ctx context.Context, o options, s *servers, out io.Writer) (err error) {
	base, people, err := s.creating(ctx, o)
	if err != nil {
		return err
	}
	if o.profile != "" {
		file, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			return errors.Join(err, file.Close())
		}
		defer func() {
			pprof.StopCPUProfile()
			err = errors.Join(err, file.Close())
		}()
	}
	fmt.Fprintf(out, "POST /v1/videos, one a request, %d users, %s each, medians of %d, with a key of idempotency: %t\n", len(people), o.each, o.rounds, o.keyed)
	var numbers atomic.Int64
	for _, callers := range o.connections {
		asker := newCaller(base, callers)
		var rates []float64
		var last load
		for range o.rounds {
			last = closed(ctx, callers, o.each, func(ctx context.Context, _, _ int) error {
				n := int(numbers.Add(1))
				var headers []string
				if o.keyed {
					headers = []string{"Idempotency-Key", fmt.Sprintf("order-%d", n)}
				}
				return asker.ask(ctx, "POST", "/v1/videos", people[n%len(people)].secret, video(n), headers...)
			})
			if last.failed > 0 {
				return last.first
			}
			rates = append(rates, last.perSecond())
		}
		fmt.Fprintf(out, "  %2d connections %8.0f a second   %s\n", callers, median(rates), last.words())
	}
	return nil
}

// creating is an API in a process of its own, with users who have keys; or, with a
// profile, one in this program, which knows the owner alone.
func (s *servers) creating(ctx context.Context, o options) (base string, all []person, err error) {
	if o.profile != "" {
		base, err = s.serve(ctx, s.redis)
		return base, []person{{secret: operatorToken}}, err
	}
	if base, err = s.api(ctx); err != nil {
		return "", nil, err
	}
	all, err = register(ctx, base, o.users)
	return base, all, err
}
