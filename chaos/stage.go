package chaos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"heyq/internal/testservers"
)

// stage is everything that runs: the servers, the ways to them, HeyGen, and the
// processes of heyq.
type stage struct {
	o   Options
	dir string

	redis      *testservers.RedisServer
	postgres   *testservers.PostgresServer
	toRedis    *link
	toPostgres *link
	heygen     *account
	receiver   *receiver
	neighbour  *neighbour
	customer   *customer // who has promises to forget when a database is set back

	otherAccount *account // at HeyGen
	strangers    []net.Conn
	disk         *testservers.Disk // nil: there is none
	diskFast     func() error      // ends a slow time of the disk
	db           *pgxpool.Pool     // straight to Postgres, past the proxy

	door       *door
	apiURL     string
	api        *child
	workers    []*child
	schedulers []*child

	closers []func() error // in the order of opening
}

// openStage starts the servers, and heyq on top of them. On an error everything
// is stopped again.
func openStage(ctx context.Context, o Options, dir string) (_ *stage, err error) {
	s := &stage{o: o, dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, open := range []func(context.Context) error{s.openDisk, s.openRedis, s.openPostgres, s.openHeyGen, s.openDoor, s.openNeighbour, s.openDatabase, s.openProcesses} {
		if err := open(ctx); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *stage) onClose(fn func() error) { s.closers = append(s.closers, fn) }

// close stops everything, the last that was opened first.
func (s *stage) close() error {
	var errs []error
	for _, fn := range slices.Backward(s.closers) {
		errs = append(errs, fn())
	}
	s.closers = nil
	return errors.Join(errs...)
}

func (s *stage) path(elements ...string) string {
	return filepath.Join(append([]string{s.dir}, elements...)...)
}

func (s *stage) openRedis(ctx context.Context) (err error) {
	dir := s.place(onDiskRedis, "redis")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	s.redis, err = testservers.StartRedis(ctx, dir, testservers.Durable())
	if err != nil {
		return err
	}
	s.onClose(func() error { s.redis.Kill(); return nil })
	address, err := url.Parse(s.redis.URL())
	if err != nil {
		return err
	}
	s.toRedis, err = newLink("redis", address.Host)
	if err != nil {
		return err
	}
	s.onClose(func() error { s.toRedis.close(); return nil })
	return nil
}

func (s *stage) openPostgres(ctx context.Context) (err error) {
	dir := "" // of the server's own: where we are root it is another user's
	if s.disk != nil && slices.Contains(s.o.OnDisk, onDiskPostgres) {
		dir = s.disk.Dir
	}
	s.postgres, err = testservers.StartPostgres(ctx, dir, testservers.Durable(), testservers.TCP(), testservers.With("max_wal_size", "256MB"))
	if err != nil {
		return err
	}
	s.onClose(s.postgres.Close)
	s.toPostgres, err = newLink("postgres", s.postgres.Addr())
	if err != nil {
		return err
	}
	s.onClose(func() error { s.toPostgres.close(); return nil })
	return nil
}

func (s *stage) openHeyGen(context.Context) (err error) {
	s.heygen, err = openAccount(s.o, "ours")
	if err != nil {
		return err
	}
	s.onClose(s.heygen.close)
	s.otherAccount, err = openAccount(s.o, "somebody else")
	if err != nil {
		return err
	}
	s.onClose(s.otherAccount.close)
	s.receiver, err = openReceiver()
	if err != nil {
		return err
	}
	s.onClose(s.receiver.close)
	return nil
}

// database and role are what heyq uses. It is no superuser, so that it can be
// shut out.
const (
	database = "heyq"
	role     = "app"
)

func (s *stage) openDatabase(ctx context.Context) (err error) {
	address, err := s.postgres.CreateDatabase(ctx, database, "")
	if err != nil {
		return err
	}
	s.db, err = pgxpool.New(ctx, address)
	if err != nil {
		return err
	}
	s.onClose(func() error { s.db.Close(); return nil })
	if _, err := s.db.Exec(ctx, `CREATE ROLE app LOGIN; GRANT ALL ON DATABASE heyq TO app; GRANT ALL ON SCHEMA public TO app`); err != nil {
		return fmt.Errorf("make the role: %w", err)
	}
	if err := s.migrate(ctx, s.databaseURL("migrate")); err != nil {
		return err
	}
	other, err := s.postgres.CreateDatabase(ctx, otherDatabase, "")
	if err != nil {
		return err
	}
	if err := s.migrate(ctx, other); err != nil {
		return err
	}
	return installTape(ctx, s.db)
}

// databaseURL leads through the proxy. The writer's name goes on the tape.
func (s *stage) databaseURL(writer string) string {
	return fmt.Sprintf("postgres://%s@%s/%s?sslmode=disable&application_name=%s", role, s.toPostgres.addr(), database, writer)
}

// redisClient is straight to Redis, past the proxy.
func (s *stage) redisClient() (*redis.Client, error) {
	options, err := redis.ParseURL(s.redis.URL())
	if err != nil {
		return nil, err
	}
	options.MaxRetries = -1
	return redis.NewClient(options), nil
}

func (s *stage) children() []*child {
	return slices.Concat([]*child{s.api}, s.workers, s.schedulers)
}

// ready waits until the API takes requests.
func (s *stage) ready(ctx context.Context) error {
	client := &http.Client{Timeout: time.Second}
	err := persist(ctx, 30*time.Second, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.apiURL+"/readyz", nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(req)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("the API is not ready: %s", answer.Status)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("wait for the API: %w", err)
	}
	return nil
}
