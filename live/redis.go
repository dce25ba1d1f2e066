package live

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// The names in Redis. What is in braces has a cluster keep them together.
const (
	streamKey = "heyq:{live}:events"
	markKey   = "heyq:{live}:tailed" // there while some process looks what moves
)

const (
	mostKept = 20_000           // events that the stream holds, and the memory of a process
	markLife = 10 * time.Second // after the last look
	toldLife = 10 * time.Minute // how long it is known that a move was told
	block    = time.Second      // of one read
	atOnce   = 500              // events in one command

	eventField = "e"
	gapField   = "gap"  // nothing looked before this: what moved then was not told
	hintField  = "hint" // a video that should be looked at
)

// begin says that this process looks from now on, and notes a gap if none did before it.
var begin = redis.NewScript(`
if redis.call('EXISTS', KEYS[2]) == 0 or redis.call('EXISTS', KEYS[1]) == 0 then
	redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'gap', '1')
end
redis.call('SET', KEYS[2], '1', 'PX', ARGV[1])
return 1`)

// tell adds events, but for those of which the stream knows: of each video the states are
// numbered, and only a greater number is news. A stream that was lost begins with a gap.
var tell = redis.NewScript(`
redis.call('SET', KEYS[2], '1', 'PX', ARGV[1])
if redis.call('EXISTS', KEYS[1]) == 0 then
	redis.call('XADD', KEYS[1], '*', 'gap', '1')
end
for i = 4, #ARGV, 3 do
	local told = KEYS[1] .. ':' .. ARGV[i]
	if tonumber(redis.call('GET', told) or '-1') < tonumber(ARGV[i + 1]) then
		redis.call('SET', told, ARGV[i + 1], 'PX', ARGV[3])
		redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'e', ARGV[i + 2])
	end
end
return 1`)

func (f *Feed) begin(ctx context.Context) error {
	return begin.Run(ctx, f.redis, []string{streamKey, markKey}, markLife.Milliseconds(), mostKept).Err()
}

// tell writes what moved, and that this process looks.
func (f *Feed) tell(ctx context.Context, events []Event) error {
	for {
		now := events[:min(len(events), atOnce)]
		events = events[len(now):]
		args := []any{markLife.Milliseconds(), mostKept, toldLife.Milliseconds()}
		for _, e := range now {
			args = append(args, e.Video.String(), e.Number, e.encode())
		}
		if err := tell.Run(ctx, f.redis, []string{streamKey, markKey}, args...).Err(); err != nil || len(events) == 0 {
			return err
		}
	}
}

// hint has all processes that look do so at a video.
func (f *Feed) hint(ctx context.Context, video uuid.UUID) error {
	return f.redis.XAdd(ctx, &redis.XAddArgs{
		Stream: streamKey, NoMkStream: true, MaxLen: mostKept, Approx: true, Values: []string{hintField, video.String()},
	}).Err()
}

// kept returns what the stream holds, oldest first.
func (f *Feed) kept(ctx context.Context) (news, error) {
	list, err := f.redis.XRevRangeN(ctx, streamKey, "+", "-", mostKept).Result()
	var n news
	for i := len(list) - 1; i >= 0; i-- {
		n.take(list[i])
	}
	return n, err
}

// next waits for what comes behind a place; nothing: none came within a second.
func (f *Feed) next(ctx context.Context, after Place) (news, error) {
	list, err := f.redis.XRead(ctx, &redis.XReadArgs{Streams: []string{streamKey, after.String()}, Count: 1000, Block: block}).Result()
	n := news{last: after}
	if errors.Is(err, redis.Nil) {
		return n, nil
	}
	for _, stream := range list {
		for _, m := range stream.Messages {
			n.take(m)
		}
	}
	return n, err
}

// holds reports whether the stream still has what stands at a place.
func (f *Feed) holds(ctx context.Context, at Place) (bool, error) {
	list, err := f.redis.XRange(ctx, streamKey, at.String(), at.String()).Result()
	return len(list) > 0, err
}

// news is what was read of the stream.
type news struct {
	events []*Event
	gap    Place // of the last gap; zero: there is none
	hints  []uuid.UUID
	first  Place // of the first entry
	last   Place // of the last entry
	read   int   // entries
}

func (n *news) take(m redis.XMessage) {
	at, ok := ParsePlace(m.ID)
	if !ok {
		return
	}
	if n.read++; n.read == 1 {
		n.first = at
	}
	n.last = at
	text := func(field string) string { s, _ := m.Values[field].(string); return s }
	if text(gapField) != "" {
		n.gap = at
	}
	if id, err := uuid.Parse(text(hintField)); err == nil {
		n.hints = append(n.hints, id)
	}
	if e, ok := decode(at, text(eventField)); ok {
		n.events = append(n.events, &e)
	}
}
