package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const videos = 100

// readers have streams open.
type readers struct {
	conns []net.Conn
	done  sync.WaitGroup

	mu    sync.Mutex
	heard []time.Time // when readers heard that a video was cancelled
}

func (r *readers) close() {
	for _, c := range r.conns {
		_ = c.Close()
	}
	r.done.Wait()
}

// open opens n streams, and returns once each has begun.
func (s *stack) open(ctx context.Context, n int) (*readers, error) {
	for range videos {
		id, err := s.create(ctx)
		if err != nil {
			return nil, err
		}
		s.ids = append(s.ids, id)
	}
	r := &readers{}
	opening, ctx := errgroup.WithContext(ctx)
	opening.SetLimit(50)
	for i := range n {
		path := "/v1/videos/" + s.ids[i%videos] + "/events"
		if i%10 == 9 {
			path = "/v1/events"
		}
		opening.Go(func() error { return r.open(ctx, strings.TrimPrefix(s.api, "http://"), path) })
	}
	if err := opening.Wait(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *readers) open(ctx context.Context, addr, path string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", path, addr, token); err != nil {
		return err
	}
	lines := bufio.NewReaderSize(conn, 1024)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if strings.HasPrefix(line, "HTTP/1.1") && !strings.Contains(line, " 200 ") {
			return fmt.Errorf("%s: %s", path, line)
		}
		if strings.HasPrefix(line, "id:") {
			break
		}
	}
	r.mu.Lock()
	r.conns = append(r.conns, conn)
	r.mu.Unlock()
	r.done.Go(func() {
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if strings.Contains(line, `"state":"cancelled"`) {
				r.mu.Lock()
				r.heard = append(r.heard, time.Now())
				r.mu.Unlock()
			}
		}
	})
	return nil
}

// move cancels the first video, and says how many readers hear of it, and after what time.
func (s *stack) move(ctx context.Context, r *readers) (heard int, first, last time.Duration, err error) {
	begun := time.Now()
	if _, err := s.call(ctx, "POST", "/v1/videos/"+s.ids[0]+"/cancel", ""); err != nil {
		return 0, 0, 0, err
	}
	for before := -1; ; before = heard {
		select {
		case <-ctx.Done():
			return 0, 0, 0, ctx.Err()
		case <-time.After(3 * time.Second):
		}
		r.mu.Lock()
		heard = len(r.heard)
		if heard > 0 {
			first, last = r.heard[0].Sub(begun), r.heard[heard-1].Sub(begun)
		}
		r.mu.Unlock()
		if heard == before {
			return heard, first, last, nil
		}
	}
}
