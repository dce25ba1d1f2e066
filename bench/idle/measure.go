package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// result is what one layout came to.
type result struct {
	transactions float64 // a second; SQLite counts none
	written      float64 // bytes a second, of heyq's processes
	cpu          float64 // per cent of a core, of heyq's processes
	api          time.Duration
	inTx         string // seconds; "-" for SQLite
}

func measure(ctx context.Context, o options, layout, dir string) (r result, err error) {
	s, err := start(ctx, o, layout, dir)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if _, err := s.one(ctx, s.byAPI); err != nil {
		return r, err
	}
	if err := sleep(ctx, o.quiet); err != nil {
		return r, err
	}
	if r, err = s.count(ctx, o.measure); err != nil {
		return r, err
	}
	r.inTx = "-"
	if r.api, err = s.one(ctx, s.byAPI); err != nil || s.postgres == nil {
		return r, err
	}
	if err := sleep(ctx, o.quiet); err != nil {
		return r, err
	}
	took, err := s.one(ctx, s.inTx)
	r.inTx = fmt.Sprintf("%.2f", took.Seconds())
	return r, err
}

// count says what is done within a time in which nothing is asked for.
func (s *stack) count(ctx context.Context, during time.Duration) (r result, err error) {
	before, err := s.look(ctx)
	if err != nil {
		return r, err
	}
	if err := sleep(ctx, during); err != nil {
		return r, err
	}
	after, err := s.look(ctx)
	if err != nil {
		return r, err
	}
	seconds := during.Seconds()
	r.transactions = float64(after.transactions-before.transactions) / seconds
	r.written, r.cpu = (after.written-before.written)/seconds, 100*(after.cpu-before.cpu).Seconds()/seconds
	return r, nil
}

// one creates a video, returns how long it waited to be taken, and sees it to its end.
func (s *stack) one(ctx context.Context, create func(context.Context) (string, error)) (took time.Duration, err error) {
	id, err := create(ctx)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := s.until(ctx, id, func(state string) bool { return state != "queued" }); err != nil {
		return 0, err
	}
	took = time.Since(start)
	return took, s.until(ctx, id, func(state string) bool { return state == "completed" })
}

// seen is what has been done so far.
type seen struct {
	transactions int64
	written      float64
	cpu          time.Duration
}

func (s *stack) look(ctx context.Context) (n seen, err error) {
	for _, p := range s.processes {
		proc := "/proc/" + strconv.Itoa(p.Process.Pid)
		stat, err := os.ReadFile(proc + "/stat")
		if err != nil {
			return n, err
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')'):])) // from the state on
		for _, field := range fields[12:14] {                                             // user and system, of 100 a second
			ticks, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return n, err
			}
			n.cpu += time.Duration(ticks) * 10 * time.Millisecond
		}
		io, err := os.ReadFile(proc + "/io")
		if err != nil {
			return n, err
		}
		for line := range strings.Lines(string(io)) {
			if value, ok := strings.CutPrefix(line, "write_bytes: "); ok {
				bytes, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
				if err != nil {
					return n, err
				}
				n.written += bytes
			}
		}
	}
	if s.postgres == nil {
		return n, nil
	}
	conn, err := pgx.Connect(ctx, s.postgres.URL("postgres"))
	if err != nil {
		return n, err
	}
	defer conn.Close(ctx)
	return n, conn.QueryRow(ctx, `SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'heyq'`).Scan(&n.transactions)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
