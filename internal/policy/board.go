package policy

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// board is where the processes on one Redis read and write the state of one
// breaker. It is a single key, so that a Redis Cluster holds it on one server,
// and each question is one script, timed by Redis' own clock.
type board struct {
	redis redis.UniversalClient
	key   string
}

// sight is the state of a breaker as the board tells it.
type sight struct {
	state  State
	until  time.Time // by our clock: when it is half-open or, where somebody probes, when the probe is free
	cause  string
	probed bool // half-open, and somebody has the probe
	mine   bool // and that is who asked
	at     time.Time
}

// now is a sight some time later: the wait of an open breaker ends by itself.
func (s sight) now() sight {
	if s.state == Open && !time.Now().Before(s.until) {
		s.state = HalfOpen
	}
	return s
}

// memory is how long the board remembers a breaker after its wait: where nobody
// calls, nobody probes either.
const memory = time.Hour

// boardScript answers {state, milliseconds, cause, probed, mine}, after it has
// done what ARGV[1] says:
//
//	look
//	open   wait, cause           opens it, unless it is open
//	probe  token, time           takes the probe, if it is free
//	settle token, outcome, wait, cause
//	       where token has the probe: "ok" closes the breaker, "failed" opens it
//	       again, "none" frees the probe
var boardScript = redis.NewScript(`
local key, verb = KEYS[1], ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', key, 'until', 'cause', 'token', 'held')
local left = known[1] and tonumber(known[1]) - now
local held = known[4] and tonumber(known[4]) - now or 0

local function open(wait, cause)
	redis.call('DEL', key)
	redis.call('HSET', key, 'until', string.format('%.0f', now + wait), 'cause', cause)
	redis.call('PEXPIRE', key, wait + tonumber(ARGV[#ARGV]))
	return {2, wait, cause, 0, 0}
end

if verb == 'open' and (not left or left <= 0) then
	return open(tonumber(ARGV[2]), ARGV[3])
end
if verb == 'settle' and known[3] == ARGV[2] then
	if ARGV[3] == 'ok' then
		redis.call('DEL', key)
		return {0, 0, '', 0, 0}
	end
	if ARGV[3] == 'failed' then
		return open(tonumber(ARGV[4]), ARGV[5])
	end
	redis.call('HDEL', key, 'token', 'held')
	held = 0
end
if not left then
	return {0, 0, '', 0, 0}
end
if left > 0 then
	return {2, left, known[2], 0, 0}
end
if held > 0 then
	return {1, held, known[2], 1, 0}
end
if verb == 'probe' then
	redis.call('HSET', key, 'token', ARGV[2], 'held', string.format('%.0f', now + tonumber(ARGV[3])))
	return {1, tonumber(ARGV[3]), known[2], 1, 1}
end
return {1, 0, known[2], 0, 0}
`)

func (b *board) look(ctx context.Context) (sight, error) { return b.run(ctx, "look") }

func (b *board) open(ctx context.Context, wait time.Duration, cause string) (sight, error) {
	return b.run(ctx, "open", max(wait, time.Millisecond).Milliseconds(), cause)
}

func (b *board) probe(ctx context.Context, token string, hold time.Duration) (sight, error) {
	return b.run(ctx, "probe", token, hold.Milliseconds())
}

func (b *board) settle(ctx context.Context, token string, failure error, wait time.Duration) (sight, error) {
	outcome, cause := "ok", ""
	switch {
	case inconclusive(failure):
		outcome = "none"
	case failure != nil:
		outcome, cause = "failed", failure.Error()
	}
	return b.run(ctx, "settle", token, outcome, wait.Milliseconds(), cause)
}

func (b *board) run(ctx context.Context, args ...any) (sight, error) {
	args = append(args, memory.Milliseconds())
	answer, err := boardScript.Run(ctx, b.redis, []string{b.key}, args...).Slice()
	if err != nil {
		return sight{}, fmt.Errorf("ask the breaker's board: %w", err)
	}
	state, _ := answer[0].(int64)
	left, _ := answer[1].(int64)
	cause, _ := answer[2].(string)
	now := time.Now()
	return sight{
		state: State(state), until: now.Add(time.Duration(left) * time.Millisecond), cause: cause,
		probed: answer[3] == int64(1), mine: answer[4] == int64(1), at: now,
	}, nil
}
