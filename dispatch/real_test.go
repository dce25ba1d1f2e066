package dispatch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/dispatch"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

// hello is a request without a fault.
var hello = jobs.NewVideo{Render: jobs.Render{Script: "Hello Ada", AvatarID: "avatar_1"}}

// dispatched is a dispatcher on real Postgres and Redis.
type dispatched struct {
	*dispatch.Dispatcher
	db     store.Store
	client *jobs.Client
	server *testkit.RedisServer // nil if the test has another Redis
	redis  redis.UniversalClient
}

func newDispatched(t *testing.T, slots int) *dispatched {
	t.Helper()
	server := testkit.StartRedis(t)
	d := newDispatchedOn(t, slots, testkit.OpenRedis(t, server.URL()))
	d.server = server
	return d
}

func newDispatchedOn(t *testing.T, slots int, client redis.UniversalClient) *dispatched {
	t.Helper()
	d := &dispatched{db: postgrestest.Open(t, postgrestest.URL(t)), redis: client}
	sender := dispatch.NewSender(d.redis, d.db)
	d.Dispatcher = dispatch.New(dispatch.Options{Store: d.db, Sender: sender, Slots: slots, Window: 1000, Log: zerolog.Nop()})
	d.client = jobs.NewClient(d.db)
	return d
}

func (d *dispatched) create(t *testing.T, n int) {
	t.Helper()
	list := make([]jobs.NewVideo, n)
	for i := range list {
		list[i] = hello
	}
	if _, err := d.client.CreateVideos(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}

// pending counts how many tasks wait for each video.
func (d *dispatched) pending(t *testing.T) map[uuid.UUID]int {
	t.Helper()
	tasks, err := asynq.NewInspectorFromRedisClient(d.redis).ListPendingTasks(string(jobs.CreateQueue), asynq.PageSize(1000))
	if err != nil && !errors.Is(err, asynq.ErrQueueNotFound) {
		t.Fatal(err)
	}
	videos := map[uuid.UUID]int{}
	for _, info := range tasks {
		task, err := jobs.VideoCreate.Decode(info.Payload)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range task.Videos {
			videos[c.Video]++
		}
	}
	return videos
}

func TestDispatcher_fills_a_wiped_Redis_again_real(t *testing.T) {
	t.Parallel()
	d := newDispatched(t, 10)
	d.create(t, 30)
	for range 2 { // the second pass finds nothing new
		if err := d.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(d.pending(t)); n != 10 {
			t.Fatalf("%d videos were sent for 10 slots", n)
		}
	}
	if err := d.server.FlushAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent := d.pending(t)
	if len(sent) != 10 {
		t.Errorf("%d of 10 videos were sent again", len(sent))
	}
	for id, n := range sent {
		if n != 1 {
			t.Errorf("video %s waits %d times", id, n)
		}
	}
}

func TestDispatchers_of_many_processes_share_the_work_real(t *testing.T) {
	t.Parallel()
	const slots, videos = 25, 60
	d := newDispatched(t, slots)
	d.create(t, videos)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	const processes = 5
	for range processes {
		sender := dispatch.NewSender(d.redis, d.db)
		other := dispatch.New(dispatch.Options{Store: d.db, Sender: sender, Slots: slots, Window: 1000, Log: zerolog.Nop()})
		go func() { done <- other.Run(ctx, time.Millisecond) }()
	}
	testkit.Eventually(t, func() error {
		if n := len(d.pending(t)); n < slots {
			return fmt.Errorf("%d of %d slots are used", n, slots)
		}
		return nil
	})
	cancel()
	for range processes {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	sent := d.pending(t)
	for id, n := range sent {
		if n != 1 {
			t.Errorf("video %s waits %d times", id, n)
		}
	}
	if len(sent) != slots {
		t.Errorf("%d videos were sent for %d slots", len(sent), slots)
	}
}

func TestSchedulers_have_one_leader_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	client := testkit.OpenRedis(t, testkit.Redis(t))
	leads := make(chan string, 10)
	start := func(name string) (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		log := zerolog.New(writer(func(line []byte) {
			if bytes.Contains(line, []byte("this process schedules")) {
				leads <- name
			}
		}))
		done := make(chan error, 1)
		scheduler := dispatch.NewScheduler(client, postgrestest.Open(t, url), log)
		go func() { done <- scheduler.Run(ctx) }()
		return func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	next := func() string {
		t.Helper()
		select {
		case name := <-leads:
			return name
		case <-time.After(testkit.Patience):
			t.Fatal("nobody leads")
			return ""
		}
	}
	stops := map[string]func(){"a": start("a"), "b": start("b")}
	first := next()
	testkit.WantRefused(t, url)
	select {
	case name := <-leads:
		t.Errorf("%s leads beside %s", name, first)
	default:
	}
	stops[first]()
	delete(stops, first)
	if second := next(); second == first {
		t.Errorf("%s leads after its end", second)
	}
	for _, stop := range stops {
		stop()
	}

	waiting := map[string]int{}
	for _, queue := range []jobs.Queue{jobs.MaintenanceQueue, jobs.WatchQueue} {
		tasks, err := asynq.NewInspectorFromRedisClient(client).ListPendingTasks(string(queue))
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			waiting[task.Type]++
		}
	}
	for _, e := range jobs.Schedule {
		if waiting[e.Kind.Name] != 1 {
			t.Errorf("%s waits %d times", e.Kind.Name, waiting[e.Kind.Name])
		}
	}
}

type writer func([]byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}

// A dispatcher at rest hears of what a transaction elsewhere inserts: it does not look by
// itself for an hour. One that was cut off looks when it hears again.
func TestDispatcher_hears_of_transactions_elsewhere_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	d := &dispatched{db: postgrestest.Open(t, url), redis: testkit.OpenRedis(t, testkit.StartRedis(t).URL())}
	d.Dispatcher = dispatch.New(dispatch.Options{
		Store: d.db, Sender: dispatch.NewSender(d.redis, d.db), Slots: 10, Window: 1000, Log: zerolog.Nop(),
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx, time.Hour) }()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the test is over
	const listening = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`
	for n := range 2 {
		testkit.Eventually(t, func() error {
			var pid int
			return conn.QueryRow(ctx, listening).Scan(&pid)
		})
		if err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			_, err := jobs.NewClient(postgres.InTx(tx)).CreateVideo(ctx, hello)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		testkit.Eventually(t, func() error {
			if sent := len(d.pending(t)); sent != n+1 {
				return fmt.Errorf("%d of %d videos were sent", sent, n+1)
			}
			return nil
		})
		if _, err := conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM (`+listening+`) l`); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
