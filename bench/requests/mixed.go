package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"heyq/bench/internal/rig"
	"heyq/client"
	"heyq/internal/testservers"
	"heyq/store"
)

const (
	filesEach = 5 // completed videos that each user has before anything is measured
	slots     = 50
)

// measureMixed has users read and create at a fixed rate beside a pipeline that works.
func measureMixed(ctx context.Context, o options, s *servers, out io.Writer) error {
	base, err := s.pipeline(ctx)
	if err != nil {
		return err
	}
	all, err := register(ctx, base, o.users)
	if err != nil {
		return err
	}
	owner := client.New(base, operatorToken)
	videos, err := s.completed(ctx, base, all)
	if err != nil {
		return err
	}
	before, err := done(ctx, s)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d requests a second of %d users for %s, whether or not earlier ones are answered; beside a worker, and %d videos a second of the owner's; load average before %.2f\n",
		o.rate, o.users, o.length, o.beside, rig.LoadAverage())
	working, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { keepBusy(working, owner, o.beside) })
	asker := newCaller(base, 1000)
	byKind := open(ctx, o.rate, o.length, func(ctx context.Context, n int) (string, error) {
		who := rand.IntN(len(all))
		return mix(ctx, asker, all[who], videos[who], n)
	})
	stop()
	beside.Wait()
	after, err := done(ctx, s)
	if err != nil {
		return err
	}
	reads := load{}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		l := *byKind[kind]
		fmt.Fprintf(out, "  %-16s %7d   %s\n", kind, len(l.took), l.words())
		if kind != "create" {
			reads.merge(l)
		}
	}
	slices.Sort(reads.took)
	fmt.Fprintf(out, "  %-16s %7d   %s\n", "all reads", len(reads.took), reads.words())
	fmt.Fprintf(out, "  the pipeline completed %d videos meanwhile, %.1f a second\n", after-before, float64(after-before)/o.length.Seconds())
	return nil
}

// mix asks one question of twenty.
func mix(ctx context.Context, c caller, who person, videos []string, n int) (kind string, err error) {
	id := videos[n%len(videos)]
	switch k := n % 20; {
	case k < 6:
		return "list", c.ask(ctx, "GET", "/v1/videos?per_page=20", who.secret, nil)
	case k < 14:
		return "video", c.ask(ctx, "GET", "/v1/videos/"+id, who.secret, nil)
	case k < 17:
		return "user", c.ask(ctx, "GET", "/v1/users/"+who.id, operatorToken, nil)
	case k < 19:
		return "file, by HEAD", c.ask(ctx, "HEAD", "/v1/videos/"+id+"/file", who.secret, nil)
	}
	return "create", c.ask(ctx, "POST", "/v1/videos", who.secret, video(n))
}

// pipeline starts a simulator, an API and a worker.
func (s *servers) pipeline(ctx context.Context) (base string, err error) {
	addr, err := testservers.FreeAddr()
	if err != nil {
		return "", err
	}
	if err := s.launch("simulator", nil, "--addr", addr, "--render-time", "1s", "--concurrency", strconv.Itoa(slots)); err != nil {
		return "", err
	}
	if err := rig.Listening(ctx, addr); err != nil {
		return "", err
	}
	settings := []string{"HEYGEN_API_URL=http://" + addr, "HEYGEN_CONCURRENCY=" + strconv.Itoa(slots), "HEYQ_POLL_INTERVAL=500ms"}
	if base, err = s.api(ctx, settings...); err != nil {
		return "", err
	}
	return base, s.launch("worker", settings)
}

// completed gives each user some videos that are done, and returns their ids.
func (s *servers) completed(ctx context.Context, base string, all []person) ([][]string, error) {
	videos := make([][]string, len(all))
	for i, who := range all {
		var list []any
		for n := range filesEach {
			list = append(list, rawVideo(i*filesEach+n))
		}
		items, err := client.New(base, who.secret).Videos.CreateBatch(ctx, client.Batch{Videos: list})
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			videos[i] = append(videos[i], item.ID)
		}
	}
	for {
		switch n, err := done(ctx, s); {
		case err != nil:
			return nil, err
		case n >= len(all)*filesEach:
			return videos, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// keepBusy asks for videos in batches, so that the pipeline has work.
func keepBusy(ctx context.Context, owner *client.Client, perSecond int) {
	for n := 0; perSecond > 0; n += perSecond {
		list := make([]any, perSecond)
		for i := range list {
			list[i] = rawVideo(n + i)
		}
		_, _ = owner.Videos.CreateBatch(ctx, client.Batch{Videos: list}) // less work shows in how many were completed
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// rawVideo is a video for a list of them.
func rawVideo(n int) json.RawMessage { return video(n) }

// done counts what is completed.
func done(ctx context.Context, s *servers) (int, error) {
	b, err := s.db.Backlog(ctx)
	return b.States[store.Completed], err
}
