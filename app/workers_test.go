package app

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/config"
	"heyq/handlers"
	"heyq/internal/redishook"
	"heyq/internal/testkit"
	"heyq/jobs"
)

// A worker that is told to stop while Redis is silent closes its client under
// asynq, whose subscriber used to fall over that and take the process along.
func TestWorker_stops_while_Redis_is_silent_real(t *testing.T) {
	t.Parallel()
	server := testkit.StartRedis(t)
	c, _, err := config.Load([]string{"HEYQ_DIR=" + t.TempDir(), "REDIS_URL=" + server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), Options{Config: c, Roles: []Role{Worker}, Migrate: true, Logger: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	wantListening(t, server, len(jobs.Queues))

	if err := syscall.Kill(server.PID(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	wantOutage(t, a.outage) // asynq is in the middle of commands
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(testkit.Patience):
		t.Error("has not stopped")
	}
}

// wantOutage waits until a command has failed.
func wantOutage(t *testing.T, o *redishook.Outage) {
	t.Helper()
	testkit.Eventually(t, func() error {
		if !o.On() {
			return errors.New("Redis still answers")
		}
		return nil
	})
}

// wantListening waits until asynq's servers listen for cancellations.
func wantListening(t *testing.T, server *testkit.RedisServer, servers int) {
	t.Helper()
	option, err := redis.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(option)
	defer client.Close()
	const channel = "asynq:cancel"
	testkit.Eventually(t, func() error {
		n, err := client.PubSubNumSub(t.Context(), channel).Result()
		if err == nil && n[channel] < int64(servers) {
			err = fmt.Errorf("%d servers listen, want %d", n[channel], servers)
		}
		return err
	})
}

// However often a task fails that asynq does not count, it keeps none of it for good.
func TestWorkers_leave_nothing_uncounted_in_the_archive_real(t *testing.T) {
	t.Parallel()
	for _, queue := range jobs.Queues {
		option, err := asynq.ParseRedisURI(testkit.Redis(t))
		if err != nil {
			t.Fatal(err)
		}
		client, inspector := asynq.NewClient(option), asynq.NewInspector(option)
		t.Cleanup(func() { _, _ = client.Close(), inspector.Close() })
		info, err := client.Enqueue(asynq.NewTask("any", nil), asynq.Queue(string(queue)), asynq.MaxRetry(2))
		if err != nil {
			t.Fatal(err)
		}
		config := serverConfig(queue)
		config.LogLevel, config.TaskCheckInterval = asynq.FatalLevel, time.Millisecond
		server := asynq.NewServer(option, config)
		failures := make(chan struct{}, 10)
		err = server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
			failures <- struct{}{}
			return errors.New("the database is away")
		}))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Shutdown)
		for range 3 {
			<-failures
			testkit.Eventually(t, func() error { // it waits, or is archived
				switch now, err := inspector.GetTaskInfo(string(queue), info.ID); {
				case err != nil:
					return err
				case now.State == asynq.TaskStateRetry:
					return inspector.RunTask(string(queue), info.ID)
				case now.State == asynq.TaskStateArchived:
					return nil
				default:
					return fmt.Errorf("%s", now.State)
				}
			})
		}
		archived, err := inspector.ListArchivedTasks(string(queue))
		if want := queue == jobs.MaintenanceQueue; err != nil || (len(archived) > 0) != want {
			t.Errorf("%s: %d tasks are archived, %v", queue, len(archived), err)
		}
	}
}

// The defaults of the settings are those of the table of bounds.
func TestBounds_are_those_of_the_handlers(t *testing.T) {
	t.Parallel()
	c, _, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for queue, set := range bounds(c.Queues) {
		if want := handlers.DefaultBounds[queue]; set != want {
			t.Errorf("%s: the settings say %+v, the handlers %+v", queue, set, want)
		}
	}
}
