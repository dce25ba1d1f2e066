package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"heyq/internal/testservers"
	"heyq/store/postgres"
)

const token = "streams-0123456789-abcdefghijkl"

// stack is one API process with its servers.
type stack struct {
	api      string
	process  *exec.Cmd
	postgres *testservers.PostgresServer
	redis    *testservers.RedisServer
	ids      []string
}

func start(ctx context.Context, heyq, dir string) (s *stack, err error) {
	s = &stack{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.redis, err = testservers.StartRedis(ctx, dir); err != nil {
		return s, err
	}
	if s.postgres, err = testservers.StartPostgres(ctx, dir, testservers.Durable()); err != nil {
		return s, err
	}
	database, err := s.postgres.CreateDatabase(ctx, "heyq", "")
	if err != nil {
		return s, err
	}
	db, err := postgres.Open(ctx, database)
	if err != nil {
		return s, err
	}
	if _, err := db.Migrate(ctx); err != nil {
		return s, err
	}
	_ = db.Close()
	addr, err := testservers.FreeAddr()
	if err != nil {
		return s, err
	}
	s.api = "http://" + addr
	environ := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "HEYQ_MEDIA_URL=file://" + filepath.Join(dir, "media"),
		"HEYQ_OPERATOR_TOKEN=" + token, "HEYQ_LOG_LEVEL=warn", "DATABASE_URL=" + database, "REDIS_URL=" + s.redis.URL(),
		"HEYQ_SIMULATOR=true", "HEYQ_ADDR=" + addr, "HEYQ_URL=" + s.api, "HEYQ_DIR=" + filepath.Join(dir, "data"),
	}
	s.process = exec.Command(heyq, "api")
	s.process.Env, s.process.Stderr = environ, os.Stderr
	if err := s.process.Start(); err != nil {
		s.process = nil
		return s, err
	}
	within, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		_, err := s.call(within, http.MethodGet, "/v1/version", "")
		if err == nil || within.Err() != nil {
			return s, err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// close stops the process, then its servers.
func (s *stack) close() {
	if s.process != nil {
		_ = s.process.Process.Signal(syscall.SIGTERM)
		_ = s.process.Wait()
	}
	if s.postgres != nil {
		_ = s.postgres.Close()
	}
	if s.redis != nil {
		_ = s.redis.Stop()
	}
}

// create makes a video that waits for years.
func (s *stack) create(ctx context.Context) (id string, err error) {
	v, err := s.call(ctx, http.MethodPost, "/v1/videos",
		`{"title":"Streams","script":"Nothing to do.","avatar_id":"avatar_1","voice_id":"voice_1","not_before":"2099-01-01T00:00:00Z"}`)
	return v.ID, err
}

func (s *stack) call(ctx context.Context, method, path, body string) (v struct{ ID string }, err error) {
	req, err := http.NewRequestWithContext(ctx, method, s.api+path, strings.NewReader(body))
	if err != nil {
		return v, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return v, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return v, fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	return v, json.NewDecoder(resp.Body).Decode(&v)
}

// counted is what happened within a time.
type counted struct {
	rss          float64 // MB, at its end
	transactions float64 // a second
	commands     float64 // of Redis, a second
	cpu          float64 // per cent of a core
}

func (s *stack) count(ctx context.Context, during time.Duration) (c counted, err error) {
	before, err := s.look(ctx)
	if err != nil {
		return c, err
	}
	select {
	case <-ctx.Done():
		return c, ctx.Err()
	case <-time.After(during):
	}
	after, err := s.look(ctx)
	seconds := during.Seconds()
	return counted{
		after.rss, (after.transactions - before.transactions) / seconds, (after.commands - before.commands) / seconds,
		100 * (after.cpu - before.cpu) / seconds,
	}, err
}

// look reads the counters: rss in MB, cpu in seconds, the others since the start.
func (s *stack) look(ctx context.Context) (c counted, err error) {
	proc := "/proc/" + strconv.Itoa(s.process.Process.Pid)
	status, err := os.ReadFile(proc + "/status")
	if err != nil {
		return c, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(value)[0], 64)
			c.rss = kb / 1024
		}
	}
	stat, err := os.ReadFile(proc + "/stat")
	if err != nil {
		return c, err
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')'):])) // from the state on
	for _, field := range fields[12:14] {                                             // user and system, of 100 a second
		ticks, _ := strconv.ParseFloat(field, 64)
		c.cpu += ticks / 100
	}
	conn, err := pgx.Connect(ctx, s.postgres.URL("postgres"))
	if err != nil {
		return c, err
	}
	defer conn.Close(ctx)
	var transactions int64
	if err := conn.QueryRow(ctx, `SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'heyq'`).Scan(&transactions); err != nil {
		return c, err
	}
	c.transactions = float64(transactions)
	o, err := redis.ParseURL(s.redis.URL())
	if err != nil {
		return c, err
	}
	client := redis.NewClient(o)
	defer client.Close()
	info, err := client.Info(ctx, "stats").Result()
	if err != nil {
		return c, err
	}
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(line, "total_commands_processed:"); ok {
			c.commands, err = strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return c, err
}
