package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"heyq/dispatch"
	"heyq/handlers"
	"heyq/internal/logkey"
	"heyq/internal/redishook"
	"heyq/internal/trace"
	"heyq/jobs"
)

// workers is one asynq server for each queue, all with the same handlers, so that each
// queue has its own concurrency. A server looks into an empty queue often if a client
// waits for its work, and seldom otherwise.
type workers struct {
	handlers  *handlers.Handlers
	servers   []*asynq.Server
	redis     redis.UniversalClient
	listening redis.UniversalClient // closed when all servers have stopped, and never before
	cut       context.CancelFunc    // ends the context of running tasks
}

// How asynq works for heyq: delays and retries matter little, since only the
// row dispatches again.
const (
	hotCheck     = 50 * time.Millisecond // sleep of a server whose queue is empty
	coldCheck    = time.Second
	delayedCheck = time.Second
	asynqGrace   = time.Second // from Shutdown until asynq puts tasks back itself
)

// How long a part of draining may take. With what closes afterwards they stay
// under ten seconds.
const (
	drainTime    = 4500 * time.Millisecond // until running work is cut off
	handBackTime = 1500 * time.Millisecond // until it has handed its videos back
	asynqTime    = 1500 * time.Millisecond // until asynq has stopped
	closedTime   = 500 * time.Millisecond  // once more, with nothing left to ask Redis
	lastTime     = 500 * time.Millisecond  // for what was fetched at the last moment
)

func (a *App) newWorkers() *workers {
	base, cut := context.WithCancel(context.Background())
	w := &workers{handlers: a.newHandlers(), redis: a.redis, listening: a.dialRedis(), cut: cut}
	concurrency := a.concurrency()
	failed := a.taskFailed()
	for _, queue := range jobs.Queues {
		c := serverConfig(queue)
		c.Concurrency = concurrency[queue]
		c.BaseContext = func() context.Context { return base }
		c.ErrorHandler = failed
		c.Logger = dispatch.AsynqLog(a.log.Hook(a.outage))
		w.servers = append(w.servers, asynq.NewServerFromRedisClient(asynqRedis{w.redis, w.listening, redishook.PrefixOf(a.config.Redis.Prefix)}, c))
	}
	return w
}

// serverConfig is how the server of a queue works, whatever process it is in.
func serverConfig(queue jobs.Queue) asynq.Config {
	return asynq.Config{
		Queues:                   map[string]int{string(queue): 1},
		TaskCheckInterval:        checkInterval(queue),
		DelayedTaskCheckInterval: delayedCheck,
		ShutdownTimeout:          asynqGrace,
		RetryDelayFunc:           retryDelay(queue),
		IsFailure:                isFailure(queue),
		LogLevel:                 asynq.WarnLevel,
	}
}

func checkInterval(queue jobs.Queue) time.Duration {
	switch queue {
	case jobs.CreateQueue, jobs.PollQueue, jobs.DownloadQueue:
		return hotCheck
	}
	return coldCheck
}

// counted reports whether asynq counts the retries of a queue's tasks, and archives
// those that failed too often, also if their workers had only died. It does so for
// scheduled jobs alone. A messenger of rows that comes late begins nothing and is
// gone; what it is about the row says, and sends again. A look of ops:watch is
// followed by the next one within a minute.
func counted(queue jobs.Queue) bool { return queue == jobs.MaintenanceQueue }

func isFailure(queue jobs.Queue) func(error) bool {
	return func(error) bool { return counted(queue) }
}

// uncountedDelay is until a task is tried again that is not counted: its row could
// not be reached, or its worker died. No client waits for it.
const uncountedDelay = 30 * time.Second

func retryDelay(queue jobs.Queue) asynq.RetryDelayFunc {
	return func(failures int, _ error, _ *asynq.Task) time.Duration {
		if !counted(queue) {
			return uncountedDelay
		}
		return min(time.Second<<failures, time.Minute)
	}
}

// taskFailed logs each task that asynq has archived or will retry. While the
// database is away, that is every task. What became of a video is not logged
// here: the video's step has logged it.
func (a *App) taskFailed() asynq.ErrorHandlerFunc {
	return func(_ context.Context, task *asynq.Task, err error) {
		line, message := a.log.Warn(), "the task is tried again"
		if errors.Is(err, asynq.SkipRetry) {
			line, message = a.log.Warn(), "the task failed for good"
		}
		if id := trace.IDOf(task.Headers()[trace.Header]); id != "" {
			line.Str(logkey.Trace, id)
		}
		line.Str(logkey.Kind, task.Type()).Err(err).Msg(message)
	}
}

func (w *workers) start() error {
	for _, s := range w.servers {
		if err := s.Start(w.handlers); err != nil {
			return fmt.Errorf("start a worker: %w", err)
		}
	}
	return nil
}

// drain fetches no more, waits for what runs, and cuts off what takes longer. A
// handler whose context ends stops first and hands its video back then: so no
// other worker begins the video while the old one is at it. asynq does not wait
// for handlers that it has cut off, so we do.
func (w *workers) drain() {
	for _, s := range w.servers {
		go s.Stop() // returns when its last fetch has; Shutdown waits for that
	}
	w.wait(drainTime)
	w.cut()
	w.wait(handBackTime)
	stopped := w.shutdown()
	select {
	case <-stopped:
	case <-time.After(asynqTime):
		// A Redis that does not answer keeps asynq for many seconds, and a handler
		// that has written its outcome and wants to send the next task. Neither is
		// worth waiting for: the rows say all there is to know.
		_ = w.redis.Close()
		select {
		case <-stopped:
		case <-time.After(closedTime):
		}
	}
	w.wait(lastTime)
}

// shutdown stops asynq and closes what is returned when it has stopped.
func (w *workers) shutdown() <-chan struct{} {
	var servers sync.WaitGroup
	for _, s := range w.servers {
		servers.Go(s.Shutdown)
	}
	stopped := make(chan struct{})
	go func() {
		servers.Wait()
		_ = w.listening.Close()
		close(stopped)
	}()
	return stopped
}

// wait lets handlers end, but no longer than patience.
func (w *workers) wait(patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	w.handlers.Drain(ctx)
}
