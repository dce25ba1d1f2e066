//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
	"heyq/operate/identity"
	"heyq/store/postgres/postgrestest"
)

// installation is the environment of a heyq with a database and a folder of its
// own; more is what it has beside them.
func installation(t *testing.T, more ...string) []string {
	t.Helper()
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HEYQ_LOG_FORMAT=json", "HEYQ_ADDR=127.0.0.1:0", "HEYQ_DIR=" + t.TempDir(),
		"DATABASE_URL=" + postgrestest.URL(t),
	}, more...)
}

// databaseOf is the database of an installation.
func databaseOf(environ []string) string {
	at := slices.IndexFunc(environ, func(s string) bool { return strings.HasPrefix(s, "DATABASE_URL=") })
	return strings.TrimPrefix(environ[at], "DATABASE_URL=")
}

// withKey never stands without a simulator's URL.
const withKey = "HEYGEN_API_KEY=key"

// idOf reads an installation's id.
func idOf(t *testing.T, environ []string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseOf(environ))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	return one[string](t, conn, `SELECT value FROM meta WHERE key = 'installation'`)
}

func heyGen(t *testing.T, account string) string {
	t.Helper()
	sim, err := simulator.New(simulator.Options{Account: account})
	if err != nil {
		t.Fatal(err)
	}
	return "HEYGEN_API_URL=" + serveHeyGen(t, sim)
}

// Two installations never share a Redis or a media store, and the words name both.
// What one has left the other takes over by one command, and the first refuses
// from then on.
func TestE2E_two_installations_real(t *testing.T) {
	t.Parallel()
	account := heyGen(t, "ada")
	redis, media := "REDIS_URL="+testkit.Redis(t), "HEYQ_MEDIA_URL=file://"+filepath.Join(t.TempDir(), "media")
	first := installation(t, withKey, account, redis, media)
	other := "HEYQ_MEDIA_URL=file://" + filepath.Join(t.TempDir(), "media")
	second := installation(t, withKey, account, redis, other)
	ids := []string{idOf(t, first), idOf(t, second)}

	c := startProcess(t, first, "worker")
	c.waitFor(t, "heyq worker is running")
	for _, role := range []string{"api", "worker", "scheduler", "up", "dashboard"} {
		heyq(t, second, role).want(t, 4, append(ids, "the Redis at", "HEYQ_QUEUE_PREFIX", "heyq adopt")...)
	}
	examine(t, first, 0).want("installation", "fine", ids[0])
	examine(t, second, 5).want("installation", "broken", "belongs to installation "+ids[0]+", and this database is installation "+ids[1])
	shared := append(slices.Clone(second), "REDIS_URL="+testkit.Redis(t), media)
	heyq(t, shared, "worker").want(t, 4, append(ids, "the media store", "HEYQ_MEDIA_URL", "heyq adopt")...)
	c.stop(t)

	heyq(t, second, "adopt").wantOK(t).want(t, 0, "the Redis at", "was installation "+ids[0], "everything belongs to installation "+ids[1])
	serve(t, second, "Redis ", "worker")
	heyq(t, first, "worker").want(t, 4, append(ids, "the Redis at")...)
}

// A process that finds another's mark while it is at work ends itself, with the
// words of a start, and tells people: if it was the only process, nothing else
// would.
func TestE2E_ends_over_a_foreign_mark_and_tells_real(t *testing.T) {
	t.Parallel()
	channel := newSlack(t)
	redisURL := testkit.Redis(t)
	environ := installation(t, withKey, heyGen(t, "ada"), "REDIS_URL="+redisURL, "HEYQ_ALERT_WEBHOOK="+channel.URL)
	c := startProcess(t, environ, "scheduler")
	c.waitFor(t, "heyq scheduler is running")
	options, err := redis.ParseURL(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	const other = "0badcafe-0000-4000-8000-000000000000"
	if err := client.Set(t.Context(), "heyq:installation", `{"installation":"`+other+`"}`, 0).Err(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.ended:
	case <-time.After(testkit.Patience):
		t.Fatal("it goes on")
	}
	if code := c.command.ProcessState.ExitCode(); code != 4 {
		t.Errorf("it ended with %d (%v), want 4: %q", code, c.err, c.tail(5))
	}
	testkit.Eventually(t, func() error {
		told := strings.Join(channel.got(), "\n")
		for _, words := range []string{"has ended itself", "the Redis at", other, idOf(t, environ), "heyq adopt"} {
			if !strings.Contains(told, words) {
				return fmt.Errorf("people are told %q, without %q", told, words)
			}
		}
		return nil
	})
}

// Without a key a role would poll paid renders at a simulator of its own.
func TestE2E_no_key_real(t *testing.T) {
	t.Parallel()
	environ := installation(t, "REDIS_URL="+testkit.Redis(t))
	for _, role := range []string{"api", "worker", "scheduler", "up"} {
		heyq(t, environ, role).want(t, 2, "HEYGEN_API_KEY: is not set beside DATABASE_URL", "--simulator")
	}
	heyq(t, append(environ, withKey), "worker", "--simulator").want(t, 2, "HEYQ_SIMULATOR", "unset one of the two")
	heyq(t, environ, "doctor").want(t, 0, "no HEYGEN_API_KEY is set beside DATABASE_URL")
	serve(t, environ, "HeyGen ", "worker", "--simulator")
}

// The renders of a database are at one account. The key of another one, and the
// simulator, know none of them.
func TestE2E_another_account_real(t *testing.T) {
	t.Parallel()
	ada, eve := heyGen(t, "ada"), heyGen(t, "eve")
	keyless := installation(t, "REDIS_URL="+testkit.Redis(t))
	environ := append(slices.Clone(keyless), withKey)
	c := startProcess(t, append(environ, ada), "worker")
	c.waitFor(t, "heyq worker is running")
	c.stop(t)
	for _, role := range []string{"api", "worker", "scheduler"} {
		heyq(t, append(environ, eve), role).want(t, 4, "eve", "ada", idOf(t, environ), "heyq adopt")
	}
	examine(t, append(environ, eve), 5).want("installation", "broken", "the key is of the HeyGen account eve, and this database (installation "+idOf(t, environ)+") was used with ada")
	heyq(t, keyless, "worker", "--simulator").want(t, 4, "ada", "never takes the simulator")
	heyq(t, append(environ, eve), "adopt").wantOK(t).want(t, 0, "eve takes the place of ada")
	serve(t, append(environ, eve), "Redis ", "worker")

	dir := t.TempDir()
	embedded := []string{"HEYQ_DIR=" + dir, withKey, "HEYQ_ADDR=127.0.0.1:0", "PATH=" + os.Getenv("PATH"), ada}
	c = startProcess(t, embedded, "up")
	c.waitFor(t, "heyq up is running")
	c.stop(t)
	heyq(t, []string{"HEYQ_DIR=" + dir}, "up", "--addr", "127.0.0.1:0").want(t, 4, "ada", "never takes the simulator")
	examine(t, []string{"HEYQ_DIR=" + dir, "HEYQ_URL=http://127.0.0.1:1"}, 5).want("installation", "broken", "never takes the simulator")
}

// Two heyq on one account share its slots. Each is told of the other by its titles,
// also beside a heyq that has its database to itself.
func TestE2E_two_heyq_on_one_account(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Options{Account: "ada", RenderTime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	account := serveHeyGen(t, sim)
	var environs [2][]string
	for i := range environs {
		dir := t.TempDir()
		environs[i] = []string{"HEYQ_DIR=" + dir, withKey, "HEYGEN_API_URL=" + account}
		url := serve(t, environs[i], "API ", "up", "--addr", "127.0.0.1:0")
		environs[i] = append(environs[i], "HEYQ_URL="+url)
		examine(t, environs[i], 0).want("installation", "fine", "nothing that it uses is another's")
		heyq(t, environs[i], "videos", "create", "--title", "x", "--script", "Hello.", "--avatar-id", "avatar_1", "--voice-id", "voice_1").wantOK(t)
		testkit.Eventually(t, func() error {
			if n := sim.Ledger().Accepted; n != i+1 {
				return fmt.Errorf("HeyGen has %d renders", n)
			}
			return nil
		})
	}
	for i, environ := range environs {
		_, word, _ := strings.Cut(sim.Ledger().Renders[1-i].Title, ".1 ")
		examine(t, environ, 0).want("account", "warning", "whose titles say "+word[:8]+": 1 of the newest hundred videos, 1 in flight")
	}
}

// Slots are counted by rows, each heyq's by its own. HeyGen's 429 shares them out: it
// never has more than its cap, nothing is rendered twice, and who comes second does
// not wait until the first one is done.
func TestE2E_two_heyq_share_the_slots(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Options{Account: "ada", RenderTime: 2 * time.Second, Concurrency: 10})
	if err != nil {
		t.Fatal(err)
	}
	account := serveHeyGen(t, sim)
	start := func(videos int) []string {
		dir := t.TempDir()
		environ := []string{"HEYQ_DIR=" + dir, withKey, "HEYGEN_API_URL=" + account, "HEYQ_POLL_INTERVAL=500ms"}
		environ = append(environ, "HEYQ_URL="+serve(t, environ, "API ", "up", "--addr", "127.0.0.1:0"))
		people := "title,script,avatar_id,voice_id\n" + strings.Repeat("x,Hello.,avatar_1,voice_1\n", videos)
		heyqReading(t, people, environ, "videos", "import", "--yes", "-").wantOK(t)
		return environ
	}
	word := func(r simulator.Billed) string {
		_, after, _ := strings.Cut(r.Title, ".1 ")
		return after[:8]
	}
	const first, second = 80, 20
	one := start(first)
	testkit.Eventually(t, func() error {
		if sim.Ledger().Accepted < 10 {
			return errors.New("the first one has not yet filled the slots")
		}
		return nil
	})
	other := start(second)
	heyq(t, one, "videos", "watch").wantOK(t)
	heyq(t, other, "videos", "watch").wantOK(t)

	ledger := sim.Ledger()
	if ledger.Accepted != first+second || ledger.MaxInFlight > 10 {
		t.Errorf("HeyGen rendered %d videos, %d at once; want %d, 10 at once at most", ledger.Accepted, ledger.MaxInFlight, first+second)
	}
	beside, left := 0, first // the second one's renders until the first one's last
	for _, r := range ledger.Renders {
		if word(r) == word(ledger.Renders[0]) {
			left--
		} else if left > 0 {
			beside++
		}
	}
	if beside < second/2 {
		t.Errorf("%d of the second one's %d renders came before the first one's last; want half of them", beside, second)
	}
	t.Logf("%d creates for %d renders", ledger.Calls["create"], ledger.Accepted)
}

// A copy of production's database, as a staging heyq has it, neither takes
// production's tasks nor sends what production may be sending.
func TestE2E_copied_database_real(t *testing.T) {
	t.Parallel()
	account := heyGen(t, "ada")
	environ := installation(t, withKey, account, "REDIS_URL="+testkit.Redis(t))
	c := startProcess(t, environ, "worker")
	c.waitFor(t, "heyq worker is running")
	c.stop(t)

	copied := append(slices.Clone(environ), "DATABASE_URL="+copyOf(t, environ))
	heyq(t, copied, "worker").want(t, 4, "the Redis at", idOf(t, environ), "a copy of that database", "heyq adopt")

	marked := examine(t, copied, 5)
	marked.want("installation", "broken", "a copy of that database")
	marked.want("installation", "warning", "admission is paused from the next start on: the database is a copy")

	staging := append(slices.Clone(copied), "REDIS_URL="+testkit.Redis(t), "HEYQ_DIR="+t.TempDir())
	c = startProcess(t, staging, "worker")
	c.waitFor(t, "heyq worker is running")
	c.stop(t)
	heyq(t, staging, "doctor").want(t, 0, "the database is a copy", "heyq admission resume")
}

// A database that is older than the mark beside it was set back. Doctor says so before
// a start does, and after it how to go on.
func TestE2E_set_back_database_real(t *testing.T) {
	t.Parallel()
	redisURL := testkit.Redis(t)
	environ := installation(t, withKey, heyGen(t, "ada"), "REDIS_URL="+redisURL)
	work := func() {
		t.Helper()
		c := startProcess(t, environ, "worker")
		c.waitFor(t, "heyq worker is running")
		c.stop(t)
	}
	work()
	client := testkit.OpenRedis(t, redisURL)
	text, err := client.Get(t.Context(), "heyq:installation").Bytes()
	if err != nil {
		t.Fatal(err)
	}
	mark := identity.Decode(text)
	if mark.Installation.String() != idOf(t, environ) {
		t.Fatalf("the mark is %s", text)
	}
	mark.Generation = 9
	if err := client.Set(t.Context(), "heyq:installation", mark.Encode(), 0).Err(); err != nil {
		t.Fatal(err)
	}
	before := examine(t, environ, 0)
	before.want("installation", "warning", "admission is paused from the next start on: the database was set back")
	before.want("installation", "warning", "heyq admission resume")
	work()
	heyq(t, environ, "doctor").want(t, 0, "the database was set back", "heyq admission resume")
}

// copyOf copies a database as a dump does that is restored.
func copyOf(t *testing.T, environ []string) string {
	t.Helper()
	original, err := url.Parse(databaseOf(environ))
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Trim(original.Path, "/")
	maintenance, result := *original, *original
	maintenance.Path, result.Path = "/postgres", "/"+name+"_copy"
	conn, err := pgx.Connect(t.Context(), maintenance.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `CREATE DATABASE `+name+`_copy TEMPLATE `+name); err != nil {
		t.Fatal(err)
	}
	return result.String()
}
