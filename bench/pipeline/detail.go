package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// detail says where the time of Postgres and Redis went.
type detail struct {
	Statements []statement `json:"statements"` // the dearest first
	Commands   []command   `json:"redis_commands"`
	Commits    float64     `json:"commits_per_1000_videos"`
	Updates    float64     `json:"row_updates_per_video"`
	HotShare   float64     `json:"hot_share_of_updates"` // those that touched no index, 0 to 1
	WALBytes   float64     `json:"wal_bytes_per_video"`
}

// statement is a row of pg_stat_statements, per 1,000 videos.
type statement struct {
	Text     string  `json:"text"`
	Calls    float64 `json:"calls"`
	Rows     float64 `json:"rows"`
	MS       float64 `json:"ms"`
	PlanMS   float64 `json:"plan_ms"`
	WALBytes float64 `json:"wal_bytes"`
	Blocks   float64 `json:"blocks"` // looked at in the cache or read
}

// command is a Redis command, per 1,000 videos. One that a script runs is
// counted by itself and, with its time, in the script.
type command struct {
	Name  string  `json:"name"`
	Calls float64 `json:"calls"`
	MS    float64 `json:"ms"`
}

// counters are what Postgres counts by itself.
type counters struct {
	commits, updates, hot, wal int64
}

func (s *stack) beginDetail(ctx context.Context) error {
	_, err := s.db.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS pg_stat_statements`)
	if err != nil {
		return err
	}
	if _, err := s.db.Exec(ctx, `SELECT pg_stat_statements_reset()`); err != nil {
		return err
	}
	if s.counted, err = s.counters(ctx); err != nil {
		return err
	}
	client, err := s.redisClient()
	if err != nil {
		return err
	}
	defer client.Close()
	return client.ConfigResetStat(ctx).Err()
}

func (s *stack) endDetail(ctx context.Context) (*detail, error) {
	per1000 := 1000 / float64(s.options.videos)
	now, err := s.counters(ctx)
	if err != nil {
		return nil, err
	}
	d := &detail{
		Commits:  float64(now.commits-s.counted.commits) * per1000,
		Updates:  float64(now.updates-s.counted.updates) * per1000 / 1000,
		HotShare: float64(now.hot-s.counted.hot) / float64(max(1, now.updates-s.counted.updates)),
		WALBytes: float64(now.wal-s.counted.wal) * per1000 / 1000,
	}
	if d.Statements, err = s.statements(ctx, per1000); err != nil {
		return nil, err
	}
	d.Commands, err = s.commands(ctx, per1000)
	return d, err
}

func (s *stack) counters(ctx context.Context) (c counters, err error) {
	err = s.db.QueryRow(ctx, `
		SELECT (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()),
		       sum(n_tup_upd)::bigint, sum(n_tup_hot_upd)::bigint, (pg_current_wal_lsn() - '0/0')::bigint
		  FROM pg_stat_user_tables`).Scan(&c.commits, &c.updates, &c.hot, &c.wal)
	return c, err
}

func (s *stack) statements(ctx context.Context, per1000 float64) ([]statement, error) {
	rows, err := s.db.Query(ctx, `
		SELECT query, calls * $1::float8, rows * $1::float8, total_exec_time * $1::float8, total_plan_time * $1::float8,
		       (wal_bytes * $1::float8)::float8, (shared_blks_hit + shared_blks_read) * $1::float8
		  FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
		 ORDER BY total_exec_time + total_plan_time DESC LIMIT 15`, per1000)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[statement])
	for i := range list {
		list[i].Text = strings.Join(strings.Fields(list[i].Text), " ")
	}
	return list, err
}

func (s *stack) redisClient() (*redis.Client, error) {
	o, err := redis.ParseURL(s.redis.URL())
	if err != nil {
		return nil, err
	}
	return redis.NewClient(o), nil
}

// commands reads lines such as cmdstat_get:calls=3,usec=7,usec_per_call=2.33.
func (s *stack) commands(ctx context.Context, per1000 float64) ([]command, error) {
	client, err := s.redisClient()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	info, err := client.Info(ctx, "commandstats").Result()
	if err != nil {
		return nil, err
	}
	var list []command
	for line := range strings.Lines(info) {
		name, fields, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "cmdstat_"), ":")
		if !ok {
			continue
		}
		values := map[string]float64{}
		for field := range strings.SplitSeq(fields, ",") {
			key, value, _ := strings.Cut(field, "=")
			values[key], _ = strconv.ParseFloat(value, 64)
		}
		list = append(list, command{name, values["calls"] * per1000, values["usec"] / 1000 * per1000})
	}
	slices.SortFunc(list, func(a, b command) int { return int(1e6 * (b.MS - a.MS)) })
	return list[:min(15, len(list))], nil
}

func (d *detail) table(w io.Writer) {
	fmt.Fprintf(w, "\nPostgres: %.0f commits per 1,000 videos; a video %.1f row updates (%.0f %% HOT) and %.1f KB of WAL\n",
		d.Commits, d.Updates, d.HotShare*100, d.WALBytes/1000)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "per 1,000 videos: ms\tplan ms\tcalls\trows\tWAL KB\tblocks\tstatement")
	for _, s := range d.Statements {
		fmt.Fprintf(t, "%.1f\t%.1f\t%.1f\t%.0f\t%.0f\t%.0f\t%.110s\n", s.MS, s.PlanMS, s.Calls, s.Rows, s.WALBytes/1000, s.Blocks, s.Text)
	}
	fmt.Fprintln(t, "\t\t\t\t\t\t")
	fmt.Fprintln(t, "per 1,000 videos: ms\t\tcalls\t\t\t\tRedis command")
	for _, c := range d.Commands {
		fmt.Fprintf(t, "%.2f\t\t%.0f\t\t\t\t%s\n", c.MS, c.Calls, c.Name)
	}
	t.Flush()
}
