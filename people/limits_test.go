package people

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/internal/testkit"
	"heyq/store"
	"heyq/wire"
)

// fakeLimits are those of a store that may be away.
type fakeLimits struct {
	mu    sync.Mutex
	set   map[string]map[string]store.Limit
	reads atomic.Int32
	err   error
}

func (f *fakeLimits) Limits(_ context.Context, user string) (map[string]store.Limit, error) {
	f.reads.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.set[user], f.err
}

func (f *fakeLimits) SetLimits(_ context.Context, user string, limits map[string]store.Limit) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.set == nil {
		f.set = map[string]map[string]store.Limit{}
	}
	f.set[user] = limits
	return f.err
}

func limitsOn(t *testing.T, s store.Limits, url string) *Limits {
	t.Helper()
	return NewLimits(s, testkit.OpenRedis(t, url), testkit.Patience, zerolog.Nop())
}

// connected waits until Redis answers about a user and an action, which takes nothing.
func connected(t *testing.T, l *Limits, user string, a Action) {
	t.Helper()
	testkit.Eventually(t, func() error {
		if !l.Take(t.Context(), user, a, 0).Counted {
			return errors.New("Redis does not answer in time")
		}
		return nil
	})
}

// As many as the limit allows, from two processes at once, and not one more.
func TestLimits_are_one_for_all_processes_real(t *testing.T) {
	t.Parallel()
	for name, start := range testkit.EveryRedis {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, kept := start(t), &fakeLimits{}
			processes := []*Limits{limitsOn(t, kept, url), limitsOn(t, kept, url)}
			if _, err := processes[0].Set(t.Context(), "ada", wire.LimitsChange{Read: &wire.Limit{Amount: 50, Seconds: 3600}}); err != nil {
				t.Fatal(err)
			}
			for _, l := range processes {
				connected(t, l, "ada", Read)
				connected(t, l, "ada", CreateVideo)
				connected(t, l, "alan", Read)
			}
			var passed, uncounted atomic.Int32
			var all sync.WaitGroup
			for i := range 100 {
				all.Go(func() {
					switch got := processes[i%2].Take(t.Context(), "ada", Read, 1); {
					case !got.Counted:
						uncounted.Add(1) // the machine is too busy for an answer in time
					case got.Wait == 0:
						passed.Add(1)
					}
				})
			}
			all.Wait()
			if n := passed.Load(); n > 50 || n < 50 && uncounted.Load() == 0 {
				t.Errorf("%d passed, want 50", n)
			}
			for _, l := range processes {
				connected(t, l, "alan", Read)
				connected(t, l, "ada", CreateVideo)
			}
			if got := processes[0].Take(t.Context(), "alan", Read, 1); !got.Counted || got.Wait > 0 || got.Left != 5999 {
				t.Errorf("another user gets %+v", got)
			}
			if got := processes[0].Take(t.Context(), "ada", CreateVideo, 600); !got.Counted || got.Wait > 0 || got.Left != 0 {
				t.Errorf("another action gets %+v", got)
			}
		})
	}
}

// What is told to wait works after exactly that, and not much before.
func TestLimits_tell_when_it_works_real(t *testing.T) {
	t.Parallel()
	l := limitsOn(t, &fakeLimits{set: map[string]map[string]store.Limit{"ada": {"video_create": {Amount: 10, Period: 30 * time.Second}}}}, testkit.Redis(t))
	connected(t, l, "ada", CreateVideo)
	if got := l.Take(t.Context(), "ada", CreateVideo, 10); got.Wait > 0 || got.Left != 0 {
		t.Fatalf("a list as large as the limit gets %+v", got)
	}
	got := l.Take(t.Context(), "ada", CreateVideo, 1)
	if got.Wait <= 0 || got.Wait > 3*time.Second {
		t.Fatalf("a tenth of it is to wait %s, want up to three seconds", got.Wait)
	}
	time.Sleep(got.Wait)
	if again := l.Take(t.Context(), "ada", CreateVideo, 1); again.Wait > 0 {
		t.Errorf("after %s it is to wait another %s", got.Wait, again.Wait)
	}
	if got := l.Take(t.Context(), "ada", CreateVideo, 11); !got.Never {
		t.Errorf("a list that is larger than the limit gets %+v", got)
	}
}

func TestLimits_of_the_owner_and_as_usual(t *testing.T) {
	t.Parallel()
	kept := &fakeLimits{}
	l := limitsOn(t, kept, "redis://"+miniredis.RunT(t).Addr())
	start := time.Now()
	for range 3 {
		if got := l.Take(t.Context(), store.DefaultUser, CreateVideo, 100_000); got.Counted || got.Never || got.Wait > 0 {
			t.Fatalf("the owner has the limit %+v", got)
		}
		if got := l.Take(t.Context(), "ada", CreateVideo, 1); got.Limit != (store.Limit{Amount: 600, Period: time.Minute}) {
			t.Fatalf("a user has the limit %+v", got.Limit)
		}
	}
	if n := kept.reads.Load(); n != 2 && time.Since(start) < limitMemory {
		t.Errorf("the limits of two users were read %d times", n)
	}
	shown, err := l.Set(t.Context(), store.DefaultUser, wire.LimitsChange{Read: &wire.Limit{Amount: 1, Seconds: 60}})
	if err != nil || shown.VideoCreate != nil || *shown.Read != (wire.Limit{Amount: 1, Seconds: 60}) {
		t.Errorf("set %+v, %v", shown, err)
	}
	if l.Take(t.Context(), store.DefaultUser, Read, 1).Wait > 0 || l.Take(t.Context(), store.DefaultUser, Read, 1).Wait <= 0 {
		t.Error("the limit that was set for the owner does not hold")
	}
}

// A million users must not fill Redis.
func TestLimits_are_forgotten_real(t *testing.T) {
	t.Parallel()
	url := testkit.Redis(t)
	l, client := limitsOn(t, &fakeLimits{}, url), testkit.OpenRedis(t, url)
	connected(t, l, "ada", Read)
	for range 100 {
		l.Take(t.Context(), uuid.NewString(), Read, 6000)
	}
	keys := client.Keys(t.Context(), "*").Val()
	if len(keys) != 100 {
		t.Fatalf("%d keys, want 100", len(keys))
	}
	for _, key := range keys {
		if life := client.TTL(t.Context(), key).Val(); life <= 0 || life > time.Minute {
			t.Fatalf("%s is kept for %s", key, life)
		}
	}
}

// A Redis that is away, or hangs, lets everything pass, and costs a request a quarter of
// a second at most. The log says so once.
func TestLimits_without_Redis(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	l := NewLimits(&fakeLimits{}, client, 0, zerolog.New(zerolog.SyncWriter(&log)))
	server.Close()
	start := time.Now()
	const n = 200
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if got := l.Take(t.Context(), "ada", Read, 1); got.Counted || got.Wait > 0 {
				t.Errorf("got %+v", got)
			}
		})
	}
	all.Wait()
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("%d requests took %s", n, took)
	}
	if lines := strings.Count(log.String(), "\n"); lines != 1 {
		t.Errorf("the log has %d lines: %s", lines, &log)
	}
	if got := testutil.ToFloat64(l.requests.WithLabelValues("read", "uncounted")); got != n {
		t.Errorf("%v are told as uncounted, want %d", got, n)
	}
}

func TestLimits_refused(t *testing.T) {
	t.Parallel()
	kept := &fakeLimits{}
	l := limitsOn(t, kept, "redis://"+miniredis.RunT(t).Addr())
	for field, change := range map[string]wire.LimitsChange{
		"read.amount":          {Read: &wire.Limit{Seconds: 60}},
		"read.seconds":         {Read: &wire.Limit{Amount: 1}},
		"video_create.amount":  {VideoCreate: &wire.Limit{Amount: 1_000_001, Seconds: 1}},
		"video_create.seconds": {VideoCreate: &wire.Limit{Amount: 1, Seconds: 86_401}},
	} {
		if _, err := l.Set(t.Context(), "ada", change); err == nil || !strings.Contains(err.Error(), field+": is out of range; give 1 to ") {
			t.Errorf("%s: %v", field, err)
		}
	}
	if len(kept.set) > 0 {
		t.Errorf("set was %v", kept.set)
	}
}
