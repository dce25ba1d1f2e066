package redishook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/internal/testkit"
)

// answer is an error that Redis itself answered.
type answer string

func (a answer) Error() string { return string(a) }
func (a answer) RedisError()   {}

var errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

func TestIsAway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{redis.Nil, false},
		{redis.ErrClosed, false},
		{fmt.Errorf("waiting: %w", context.Canceled), false},
		{answer("NOSCRIPT No matching script"), false},
		{answer("BUSYGROUP Consumer Group name already exists"), false},
		{answer("ERR NOT FOUND"), false},
		{answer("WRONGTYPE Operation against a key"), false},
		{errRefused, true},
		{io.EOF, true},
		{errors.New("redis: connection pool timeout"), true},
		{answer("LOADING Redis is loading the dataset in memory"), true},
		{answer("READONLY You can't write against a read only replica."), true},
		{answer("OOM command not allowed when used memory > 'maxmemory'"), true},
		{answer("ERR max number of clients reached"), true},
	} {
		if got := isAway(c.err); got != c.want {
			t.Errorf("%v: away is %v, want %v", c.err, got, c.want)
		}
	}
}

// asynq asks again at once. Ten goroutines that do so for an hour must neither
// keep a core busy nor fill the log.
func TestOutage_bounds_commands_and_lines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		o := &Outage{log: zerolog.New(&log)}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		commands := make(chan int)
		for range 10 {
			go func() {
				n := 0
				for ; ctx.Err() == nil; n++ {
					_ = o.after(ctx, errRefused)
				}
				commands <- n
			}()
		}
		total := 0
		for range 10 {
			total += <-commands
		}
		if most := 10 * int(time.Hour/outagePause) * 11 / 10; total > most {
			t.Errorf("%d commands in an hour, want at most %d", total, most)
		}
		if lines := strings.Count(log.String(), "does not answer"); lines < 55 || lines > 61 {
			t.Errorf("%d lines in an hour, want one a minute", lines)
		}
		if strings.Contains(log.String(), "answers again") {
			t.Error("the outage is said to be over")
		}

		asynqs := zerolog.New(&log).Hook(o)
		asynqs.Error().Msg("Dequeue error")
		_ = o.after(t.Context(), redis.Nil, redis.NewCmd(t.Context(), "get", "x"))
		asynqs.Error().Msg("something else")
		if said := log.String(); strings.Contains(said, "Dequeue error") || !strings.Contains(said, "something else") {
			t.Errorf("asynq's lines are dropped while Redis is away, and only then:\n%s", said[len(said)-200:])
		}
		if strings.Count(log.String(), "Redis answers again") != 1 {
			t.Error("the end of the outage is not told")
		}
	})
}

// Where reads succeed and writes do not, each read ends an outage.
func TestOutage_that_flickers_is_told_once_a_minute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		o := &Outage{log: zerolog.New(&log)}
		for start := time.Now(); time.Since(start) < 10*time.Minute; {
			_ = o.after(t.Context(), answer("OOM command not allowed"))
			_ = o.after(t.Context(), nil, redis.NewCmd(t.Context(), "get", "x"))
		}
		if lines := strings.Count(log.String(), "\n"); lines > 22 {
			t.Errorf("%d lines in ten minutes, want two a minute", lines)
		}
	})
}

// A server that answers greetings, and no work, is not back.
func TestOutage_ends_with_work_real(t *testing.T) {
	t.Parallel()
	address := testkit.Redis(t)
	o, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	client, admin := redis.NewClient(o), redis.NewClient(o)
	defer client.Close()
	defer admin.Close()
	var lines bytes.Buffer
	out := NewOutage(zerolog.New(zerolog.SyncWriter(&lines)))
	client.AddHook(out)
	if err := admin.Do(t.Context(), "ACL", "SETUSER", "default", "-@all", "+ping", "+hello", "+acl").Err(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := client.Set(t.Context(), "x", "1", 0).Err(); err == nil {
			t.Fatal("it worked")
		}
		if err := client.Ping(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := client.Get(gone, "x").Err(); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if !out.On() {
			t.Fatalf("it counts as back: %s", &lines)
		}
	}
	if err := admin.Do(t.Context(), "ACL", "SETUSER", "default", "+@all").Err(); err != nil {
		t.Fatal(err)
	}
	if err := client.Set(t.Context(), "x", "1", 0).Err(); err != nil || out.On() {
		t.Errorf("after it works: %v, away %v", err, out.On())
	}
	if text := lines.String(); strings.Count(text, "answers again") != 1 {
		t.Errorf("the lines are %s", text)
	}
}
