package testkit_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"heyq/internal/testkit"
	"heyq/internal/testservers"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestPostgres_gives_each_test_its_own_database(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"first", "second", "third"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := connect(t, testkit.Postgres(t))
			if _, err := conn.Exec(t.Context(), "CREATE TABLE only_here (id int)"); err != nil {
				t.Error(err) // the table is there already: the database is shared
			}
		})
	}
}

var migrated = testkit.NewTemplate(func(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE TABLE filled AS SELECT 42 AS answer")
	return err
})

func TestPostgresFrom_copies_the_template(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"first", "second"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := connect(t, testkit.PostgresFrom(t, migrated))
			var answer int
			if err := conn.QueryRow(t.Context(), "DELETE FROM filled RETURNING answer").Scan(&answer); err != nil || answer != 42 {
				t.Errorf("got %d, %v; want the template's row", answer, err)
			}
		})
	}
}

func TestRedis_gives_each_test_its_own_server(t *testing.T) {
	t.Parallel()
	first, second := client(t, testkit.Redis(t)), client(t, testkit.Redis(t))
	if err := first.Set(t.Context(), "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n, err := second.DBSize(t.Context()).Result(); err != nil || n != 0 {
		t.Errorf("the second Redis holds %d keys, %v", n, err)
	}
}

func TestServers_that_are_not_installed(t *testing.T) {
	for _, c := range []struct{ ci, want string }{{"", "skip"}, {"false", "skip"}, {"true", "fatal"}} {
		t.Run("CI="+c.ci, func(t *testing.T) {
			t.Setenv("CI", c.ci)
			t.Setenv("PATH", t.TempDir())
			if got := verdict(t, func(tb testing.TB) { testkit.Redis(tb) }); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestEventually_gives_up_with_the_last_error(t *testing.T) {
	t.Parallel()
	tries := 0
	testkit.Eventually(t, func() error {
		if tries++; tries < 3 {
			return errors.New("not yet")
		}
		return nil
	})
	if tries != 3 {
		t.Errorf("tried %d times, want 3", tries)
	}
	synctest.Test(t, func(t *testing.T) {
		got := verdict(t, func(tb testing.TB) {
			testkit.Eventually(tb, func() error { return testservers.ErrMissing })
		})
		if got != "fatal" {
			t.Errorf("got %s, want fatal", got)
		}
	})
}

// recorder stands in for a test and notes how it was ended.
type recorder struct {
	testing.TB
	verdict string
}

func (r *recorder) Skipf(string, ...any)  { r.verdict = "skip"; runtime.Goexit() }
func (r *recorder) Fatalf(string, ...any) { r.verdict = "fatal"; runtime.Goexit() }

// verdict says how f ended its test: skip, fatal, or not at all.
func verdict(t *testing.T, f func(testing.TB)) string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r.verdict
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func client(t *testing.T, url string) *redis.Client {
	t.Helper()
	opts, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(opts)
	t.Cleanup(func() { c.Close() })
	return c
}
