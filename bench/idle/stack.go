package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/internal/testservers"
	"heyq/jobs"
	"heyq/store/postgres"
)

const token = "idle-0123456789-abcdefghijkl"

// stack is a running heyq with its servers.
type stack struct {
	api       string
	database  string // URL; empty: SQLite
	redis     string
	postgres  *testservers.PostgresServer
	processes []*exec.Cmd
	closers   []func() error
}

func start(ctx context.Context, o options, layout, dir string) (s *stack, err error) {
	s = &stack{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := os.Mkdir(dir, 0o755); err != nil {
		return s, err
	}
	environ := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "HEYQ_MEDIA_URL=file://" + filepath.Join(dir, "media"),
		"HEYQ_OPERATOR_TOKEN=" + token, "HEYQ_LOG_LEVEL=warn",
	}
	if layout != "sqlite" {
		if err := s.startServers(ctx, dir); err != nil {
			return s, err
		}
		environ = append(environ, "DATABASE_URL="+s.database, "REDIS_URL="+s.redis, "HEYQ_SIMULATOR=true")
	}
	addr, err := testservers.FreeAddr()
	if err != nil {
		return s, err
	}
	s.api = "http://" + addr
	environ = append(environ, "HEYQ_ADDR="+addr, "HEYQ_URL="+s.api)
	for _, role := range layouts[layout] {
		cmd := exec.Command(o.Heyq, role)
		// A folder each: every one has a simulator, which keeps a journal there.
		cmd.Env, cmd.Stderr = append(environ[:len(environ):len(environ)], "HEYQ_DIR="+filepath.Join(dir, role)), os.Stderr
		if err := cmd.Start(); err != nil {
			return s, err
		}
		s.processes = append(s.processes, cmd)
	}
	ready := exec.CommandContext(ctx, o.Heyq, "ready", "--wait", "60s")
	ready.Env = environ
	if out, err := ready.CombinedOutput(); err != nil {
		return s, fmt.Errorf("heyq is not ready: %w\n%s", err, out)
	}
	return s, nil
}

func (s *stack) startServers(ctx context.Context, dir string) (err error) {
	redis, err := testservers.StartRedis(ctx, dir)
	if err != nil {
		return err
	}
	s.closers, s.redis = append(s.closers, redis.Stop), redis.URL()
	if s.postgres, err = testservers.StartPostgres(ctx, dir, testservers.Durable()); err != nil {
		return err
	}
	s.closers = append(s.closers, s.postgres.Close)
	if s.database, err = s.postgres.CreateDatabase(ctx, "heyq", ""); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, s.database)
	if err != nil {
		return err
	}
	_, err = db.Migrate(ctx)
	return errors.Join(err, db.Close())
}

// close stops heyq, then its servers.
func (s *stack) close() error {
	var errs []error
	for _, p := range s.processes {
		errs = append(errs, p.Process.Signal(syscall.SIGTERM))
	}
	for _, p := range s.processes {
		errs = append(errs, p.Wait())
	}
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	return errors.Join(errs...)
}

var video = jobs.NewVideo{Title: "Idle", Render: jobs.Render{Script: "Nothing to do.", AvatarID: "avatar_1", VoiceID: "voice_1"}}

// byAPI creates a video over HTTP.
func (s *stack) byAPI(ctx context.Context) (id string, err error) {
	body, err := json.Marshal(map[string]string{"title": video.Title, "script": video.Render.Script, "avatar_id": video.Render.AvatarID, "voice_id": video.Render.VoiceID})
	if err != nil {
		return "", err
	}
	v, err := s.call(ctx, http.MethodPost, "/v1/videos", body)
	return v.ID, err
}

// inTx creates a video in a transaction of another program.
func (s *stack) inTx(ctx context.Context) (id string, err error) {
	conn, err := pgx.Connect(ctx, s.database)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		v, err := jobs.NewClient(postgres.InTx(tx)).CreateVideo(ctx, video)
		id = v.ID.String()
		return err
	})
	return id, err
}

// until waits for a video to be in one of these states.
func (s *stack) until(ctx context.Context, id string, reached func(state string) bool) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for {
		v, err := s.call(ctx, http.MethodGet, "/v1/videos/"+id, nil)
		if err == nil && reached(v.State) {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the video is %q after five minutes", v.State), err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (s *stack) call(ctx context.Context, method, path string, body []byte) (v struct{ ID, State string }, err error) {
	req, err := http.NewRequestWithContext(ctx, method, s.api+path, bytes.NewReader(body))
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
