package dispatch

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"heyq/jobs"
	"heyq/store"
)

// redisEpoch tells when Redis has lost what was dispatched: it came back empty, or
// another server answers, which may lack the last writes of the one before. The
// store remembers the epoch; a Redis with another one has lost something.
type redisEpoch struct {
	redis redis.UniversalClient
	store interface {
		SyncRedis(ctx context.Context, epoch string, moved bool) (lost bool, err error)
	}
	seen string
}

// check compares the epoch that was found with the one that this process saw
// last, and only if they differ asks the store. A process that has itself
// moved from one epoch to the next does not take another's word that all is
// well again: until now it may have sent to the former server.
func (e *redisEpoch) check(ctx context.Context, found string) error {
	if found == e.seen {
		return nil
	}
	if _, err := e.store.SyncRedis(ctx, found, e.seen != ""); err != nil {
		return err
	}
	if err := Register(ctx, e.redis); err != nil {
		return err
	}
	e.seen = found
	return nil
}

// queueProbe is a place in Redis with an epoch of its own. In a Redis Cluster each
// place may be on another server: the braces keep the epoch beside what it watches.
type queueProbe struct {
	queue          jobs.Queue // empty: the set of all queues
	epochKey, list string
}

// queueProbes are the queues that a dispatcher fills, and asynq's set of queues.
var queueProbes = func() (list []queueProbe) {
	for _, queue := range store.RowQueues {
		list = append(list, probeAt(queue, string(queue)))
	}
	return append(list, probeAt("", queuesKey))
}()

func probeAt(queue jobs.Queue, name string) queueProbe {
	tag := "{" + name + "}"
	return queueProbe{queue: queue, epochKey: "heyq:epoch:" + tag, list: "asynq:" + tag + ":pending"}
}

// probe reads a place in Redis. It returns the epoch and the id of the server
// that answers, which together say what data is there, and the length of the
// list. A missing epoch is set; it is lost with the server's data. The id is
// empty if the server does not tell it (a proxy, the embedded Redis).
var probe = redis.NewScript(`
local epoch = redis.call('GET', KEYS[1])
if not epoch then
	redis.call('SET', KEYS[1], ARGV[1])
	epoch = ARGV[1]
end
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
return {epoch .. ' ' .. server, tostring(redis.call('LLEN', KEYS[2]))}
`)

// seen reads the answer of probe.
func seen(answer *redis.Cmd) (data string, length int, err error) {
	parts, err := answer.StringSlice()
	if err != nil {
		return "", 0, err
	}
	if len(parts) != 2 {
		return "", 0, fmt.Errorf("a strange answer: %q", parts)
	}
	length, err = strconv.Atoi(parts[1])
	return parts[0], length, err
}

// epochOf names what was seen at all places. It changes when any server has
// lost its data, was started anew, or gave way to a replica.
func epochOf(data []string) string {
	return uuid.NewSHA1(uuid.Nil, []byte(strings.Join(data, "\n"))).String()
}
