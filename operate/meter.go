package operate

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"heyq/jobs"
)

// Meter counts the work that is finished in each queue, of all processes
// together: videos rather than tasks, since a task carries one or a hundred. A
// video counts in create, poll and download when it leaves that step (HeyGen has
// answered its create, its render has ended, its file is there or given up), in
// analytics when it is measured; a notification counts when it is delivered or
// given up, a scheduled job when it has run. It is safe for concurrent use.
//
// The counts of each second of the last minute are a hash beside the queue. What
// Redis does not take is not counted: this is to look at, and nothing else.
type Meter struct {
	redis redis.UniversalClient
	done  map[jobs.Queue]*atomic.Int64 // since the last tick
}

// NewMeter returns a meter on a Redis client that the caller closes. It can be
// read at once; what it counts is there for others while Run runs.
func NewMeter(r redis.UniversalClient) *Meter {
	m := &Meter{redis: r, done: map[jobs.Queue]*atomic.Int64{}}
	for _, queue := range jobs.Queues {
		m.done[queue] = &atomic.Int64{}
	}
	return m
}

// meterTick is how often a process hands in what it has counted.
const meterTick = time.Second

// Done counts n more. It never blocks.
func (m *Meter) Done(queue jobs.Queue, n int) { m.done[queue].Add(int64(n)) }

// Run hands in what is counted until ctx ends.
func (m *Meter) Run(ctx context.Context) error {
	ticker := time.NewTicker(meterTick)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			_ = m.handIn(ctx) // the client tells of a Redis that is away
		}
	}
}

// countDone adds to the present second by the clock of Redis, which all
// processes share, and drops what is older than a minute.
var countDone = redis.NewScript(`
local now = tonumber(redis.call('TIME')[1])
if redis.call('HINCRBY', KEYS[1], now, ARGV[1]) == tonumber(ARGV[1]) then
	for _, second in ipairs(redis.call('HKEYS', KEYS[1])) do
		if tonumber(second) <= now - 60 then
			redis.call('HDEL', KEYS[1], second)
		end
	end
	redis.call('EXPIRE', KEYS[1], 120)
end
return 0
`)

func (m *Meter) handIn(ctx context.Context) error {
	pipe := m.redis.Pipeline()
	for _, queue := range jobs.Queues {
		if n := m.done[queue].Swap(0); n > 0 {
			countDone.Eval(ctx, pipe, []string{doneKey(queue)}, n)
		}
	}
	if pipe.Len() == 0 {
		return nil
	}
	_, err := pipe.Exec(ctx)
	return err
}

// sumDone adds up the tasks that were done in the last sixty seconds.
var sumDone = redis.NewScript(`
local now = tonumber(redis.call('TIME')[1])
local sum, all = 0, redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
	if tonumber(all[i]) > now - 60 then
		sum = sum + tonumber(all[i + 1])
	end
end
return sum
`)

// Rates says how much was finished in each queue in the last minute.
func (m *Meter) Rates(ctx context.Context) (map[jobs.Queue]int, error) {
	pipe := m.redis.Pipeline()
	sums := make([]*redis.Cmd, len(jobs.Queues))
	for i, queue := range jobs.Queues {
		sums[i] = sumDone.Eval(ctx, pipe, []string{doneKey(queue)})
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("read what was done: %w", err)
	}
	rates := map[jobs.Queue]int{}
	for i, queue := range jobs.Queues {
		n, err := sums[i].Int()
		if err != nil {
			return nil, fmt.Errorf("read what was done in %s: %w", queue, err)
		}
		rates[queue] = n
	}
	return rates, nil
}

// doneKey is the key of a queue's counter of tasks that are done. The braces keep it beside
// the queue in a Redis Cluster.
func doneKey(queue jobs.Queue) string { return "heyq:done:{" + string(queue) + "}" }
