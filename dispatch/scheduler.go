package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/internal/logkey"
	"heyq/jobs"
	"heyq/store"
)

// scheduleLock names a lock. The process that holds it is the scheduler.
const scheduleLock = "scheduler"

// scheduleBeat is how often the scheduler tells when the next runs
// are. What it told is forgotten after two beats.
const scheduleBeat = 2 * time.Second

// Scheduler enqueues the scheduled jobs. asynq's own has no leader, and two of
// them enqueue everything twice: this one runs in the process that holds the
// lock.
type Scheduler struct {
	redis redis.UniversalClient
	store store.Upkeep
	log   zerolog.Logger
}

// NewScheduler returns a scheduler on a Redis client that the caller closes.
func NewScheduler(r redis.UniversalClient, s store.Upkeep, log zerolog.Logger) *Scheduler {
	return &Scheduler{redis: r, store: s, log: log}
}

// Run waits for the lock, then schedules until ctx ends or the lock is lost,
// in which case it waits for the lock again.
func (s *Scheduler) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := s.store.Lead(ctx, scheduleLock, s.lead)
		if ctx.Err() != nil {
			return nil
		}
		s.log.Warn().Err(err).Msg("the scheduler lost its lock, or could not start; it asks again")
		sleep(ctx, pause)
	}
	return nil
}

func (s *Scheduler) lead(ctx context.Context) error {
	scheduler := asynq.NewSchedulerFromRedisClient(s.redis, &asynq.SchedulerOpts{
		// Its only errors are those below, and that it may not close our client.
		Location: time.UTC, Logger: AsynqLog(s.log), LogLevel: asynq.FatalLevel,
		HeartbeatInterval: scheduleBeat,
		//lint:ignore SA1019 its successor is not told which job failed
		EnqueueErrorHandler: func(task *asynq.Task, _ []asynq.Option, err error) {
			if !expected(err) {
				s.log.Warn().Err(err).Str(logkey.Kind, task.Type()).Msg("a scheduled job could not be enqueued; the next tick tries again")
			}
		},
	})
	for _, entry := range jobs.Schedule {
		task, options, err := scheduledTask(entry)
		if err != nil {
			return err
		}
		if _, err := scheduler.Register("@every "+entry.Every.String(), task, options...); err != nil {
			return fmt.Errorf("schedule %s: %w", entry.Kind.Name, err)
		}
		if err := s.catchUp(ctx, entry, task, options); err != nil {
			return err
		}
	}
	if err := scheduler.Start(); err != nil {
		return fmt.Errorf("start the scheduler: %w", err)
	}
	s.log.Info().Int(logkey.Jobs, len(jobs.Schedule)).Msg("this process schedules")
	<-ctx.Done()
	scheduler.Shutdown()
	return nil
}

// catchUp enqueues a job at once whose tick was missed while no process
// scheduled.
func (s *Scheduler) catchUp(ctx context.Context, entry jobs.Entry, task *asynq.Task, options []asynq.Option) error {
	ago, ran, err := s.store.SinceRun(ctx, entry.Kind.Name)
	if err != nil || ran && ago < entry.Every {
		return err
	}
	_, err = asynq.NewClientFromRedisClient(s.redis).EnqueueContext(ctx, task, options...)
	if err != nil && !expected(err) {
		return fmt.Errorf("enqueue %s: %w", entry.Kind.Name, err)
	}
	return nil
}

// scheduledTask makes the task of an entry. It is unique for less than a period, so
// that a job that still waits is not enqueued again and the next tick is.
func scheduledTask(e jobs.Entry) (*asynq.Task, []asynq.Option, error) {
	task, err := NewTask(e.Kind, jobs.Scheduled{})
	return task, []asynq.Option{
		asynq.Queue(string(e.Kind.Queue)), asynq.Timeout(e.Kind.Timeout), asynq.MaxRetry(e.Kind.Retries),
		asynq.Unique(e.Every * 9 / 10),
	}, err
}

func expected(err error) bool { return errors.Is(err, asynq.ErrDuplicateTask) }
