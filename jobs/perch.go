package jobs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// queuesKey is asynq's set of all queues.
const queuesKey = "asynq:queues"

// perch is a place in Redis with a canary of its own. In a Redis Cluster each
// may be on another server: the braces keep a canary beside what it watches.
type perch struct {
	queue        Queue // empty: the set of all queues
	canary, list string
}

// perches are the queues that a dispatcher fills, and asynq's set of queues.
var perches = func() (list []perch) {
	for _, queue := range dispatchedQueues {
		list = append(list, perchAt(queue, string(queue)))
	}
	return append(list, perchAt("", queuesKey))
}()

func perchAt(queue Queue, name string) perch {
	tag := "{" + name + "}"
	return perch{queue: queue, canary: "heyq:canary:" + tag, list: "asynq:" + tag + ":pending"}
}

// look tells of a perch what data is there, as the canary and the server that
// answers, and how long the list is. A canary that is missing is set; it dies
// with the server's data. A server that does not say who it is (a proxy, the
// embedded one) has no name.
var look = redis.NewScript(`
local canary = redis.call('GET', KEYS[1])
if not canary then
	redis.call('SET', KEYS[1], ARGV[1])
	canary = ARGV[1]
end
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
return {canary .. ' ' .. server, tostring(redis.call('LLEN', KEYS[2]))}
`)

// seen reads the answer of look.
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

// epochOf names what was seen at all perches. It changes when any server has
// lost its data, was started anew, or gave way to a replica.
func epochOf(data []string) string {
	return uuid.NewSHA1(uuid.Nil, []byte(strings.Join(data, "\n"))).String()
}
