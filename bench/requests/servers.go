package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/api"
	"heyq/bench/internal/rig"
	"heyq/client"
	"heyq/internal/testservers"
	"heyq/jobs"
	"heyq/media"
	"heyq/people"
	"heyq/store/postgres"
	"heyq/wire"
)

// servers are what a measurement runs on: Postgres with heyq's tables, Redis, and a folder.
type servers struct {
	heyq     string
	dir      string
	database string // URL
	db       *postgres.Store
	redisURL string
	redis    *redis.Client
	fail     context.CancelCauseFunc
	closers  []func() error
}

// on runs work on servers of its own.
func on(ctx context.Context, o options, dir string, work func(context.Context, *servers) error) (err error) {
	s := &servers{heyq: o.Heyq, dir: dir}
	ctx, s.fail = context.WithCancelCause(ctx)
	defer func() {
		for _, end := range slices.Backward(s.closers) {
			err = errors.Join(err, end())
		}
		s.fail(nil)
	}()
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	return work(ctx, s)
}

func (s *servers) onClose(end func() error) { s.closers = append(s.closers, end) }

func (s *servers) start(ctx context.Context) error {
	server, err := testservers.StartRedis(ctx, s.dir)
	if err != nil {
		return err
	}
	s.onClose(server.Stop)
	s.redisURL = server.URL()
	options, err := redis.ParseURL(s.redisURL)
	if err != nil {
		return err
	}
	s.redis = redis.NewClient(options)
	s.onClose(s.redis.Close)
	pg, err := testservers.StartPostgres(ctx, s.dir, testservers.Durable(), testservers.With("shared_buffers", "128MB")) // its default
	if err != nil {
		return err
	}
	s.onClose(pg.Close)
	if s.database, err = pg.CreateDatabase(ctx, "heyq", ""); err != nil {
		return err
	}
	if s.db, err = postgres.Open(ctx, s.database); err != nil {
		return err
	}
	s.onClose(s.db.Close)
	_, err = s.db.Migrate(ctx)
	return err
}

// operatorToken guards the API, as in production.
const operatorToken = "the-operator-token-of-the-bench"

// launch starts heyq in a role. It is ended with the servers.
func (s *servers) launch(role string, settings []string, args ...string) error {
	environ := append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "TMPDIR=" + s.dir, "HEYQ_DIR=" + filepath.Join(s.dir, role),
		"DATABASE_URL=" + s.database, "REDIS_URL=" + s.redisURL, "HEYQ_MEDIA_URL=file://" + filepath.Join(s.dir, "media"),
		"HEYQ_OPERATOR_TOKEN=" + operatorToken, "HEYQ_LOG_LEVEL=warn", "HEYGEN_API_KEY=any",
	}, settings...)
	c, err := rig.Launch(role, s.heyq, s.dir, environ, s.fail, append([]string{role}, args...)...)
	if err != nil {
		return err
	}
	s.onClose(c.Stop)
	return nil
}

// api starts an API in a process of its own, and returns its URL.
func (s *servers) api(ctx context.Context, settings ...string) (string, error) {
	addr, err := testservers.FreeAddr()
	if err != nil {
		return "", err
	}
	if err := s.launch("api", settings, "--addr", addr); err != nil {
		return "", err
	}
	return "http://" + addr, rig.Listening(ctx, addr)
}

// serve starts an API in this program, without its guard, and returns its URL. The users
// are read through the cache in r; nil: there is none.
func (s *servers) serve(ctx context.Context, r redis.UniversalClient) (string, error) {
	files, err := media.Open(ctx, media.Options{URL: "file://" + filepath.Join(s.dir, "media"), Spool: filepath.Join(s.dir, "spool")})
	if err != nil {
		return "", err
	}
	s.onClose(files.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: api.New(api.Options{
		Client: jobs.NewClient(s.db, jobs.WithSharedCommits()), Users: people.NewUsers(s.db, r, nil), Keys: people.NewKeys(s.db, nil), Store: s.db, Files: files, Logger: zerolog.Nop(),
	})}
	go func() { _ = server.Serve(listener) }()
	s.onClose(server.Close)
	return "http://" + listener.Addr().String(), nil
}

// caller asks one API.
type caller struct {
	base string
	http *http.Client
}

func newCaller(base string, connections int) caller {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = connections, connections
	return caller{base, &http.Client{Transport: t, Timeout: 30 * time.Second}}
}

// ask sends a request and reads its answer, which has to be of the 2xx kind.
func (c caller) ask(ctx context.Context, method, path, token string, body []byte, headers ...string) error {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %.300s", method, path, answer.Status, said)
	}
	return err
}

// person is a user with a key.
type person struct{ id, secret string }

// register makes users through the API.
func register(ctx context.Context, base string, n int) (all []person, err error) {
	owner := client.New(base, operatorToken)
	for i := range n {
		email := fmt.Sprintf("user-%d@bench.example", i)
		u, err := owner.Users.Create(ctx, wire.UserChange{Email: &email})
		if err != nil {
			return nil, err
		}
		k, err := owner.Keys.Create(ctx, wire.NewKey{Name: "the bench", UserID: u.ID, Scopes: []string{string(people.ReadVideos), string(people.WriteVideos)}})
		if err != nil {
			return nil, err
		}
		if err := raise(ctx, base, u.ID); err != nil {
			return nil, err
		}
		all = append(all, person{u.ID, k.Secret})
	}
	return all, nil
}

// raise gives a user limits that the measurement does not reach: they are counted, and
// refuse nothing. A heyq from before there were limits has none.
func raise(ctx context.Context, base, user string) error {
	most := []byte(`{"video_create":{"amount":1000000,"seconds":1},"read":{"amount":1000000,"seconds":1}}`)
	err := newCaller(base, 1).ask(ctx, "PUT", "/v1/limits/"+user, operatorToken, most)
	if err != nil && strings.Contains(err.Error(), "404") {
		return nil
	}
	return err
}

// video is the body of a request for one.
func video(n int) []byte {
	return fmt.Appendf(nil, `{"title":"Welcome, person %d","script":"Hello and welcome! The whole team is looking forward to meeting you, number %d.",`+
		`"avatar_id":"avatar_%d","voice_id":"voice_1","metadata":{"person":"%d"}}`, n, n, n%5+1, n)
}
