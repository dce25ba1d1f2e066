package alert

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/store"
	"heyq/store/postgres/postgrestest"
	"heyq/store/sqlite"
	"heyq/store/sqlite/sqlitetest"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// stores are the two that a watcher works on. age has a video have failed so much
// longer ago.
var stores = map[string]func(t *testing.T) (s store.Store, age func(uuid.UUID, time.Duration)){
	"sqlite": func(t *testing.T) (store.Store, func(uuid.UUID, time.Duration)) {
		path := filepath.Join(sqlitetest.Folder(t), "heyq.db")
		sqlitetest.Write(t, path)
		s, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s, func(id uuid.UUID, by time.Duration) {
			db, err := sql.Open("sqlite", path)
			if err == nil {
				_, err = db.ExecContext(t.Context(), "UPDATE videos SET timeline = json_set(timeline, '$[#-1].at', failed_at - ?) WHERE id = ?", by.Microseconds(), id)
				err = errors.Join(err, db.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	},
	"postgres": func(t *testing.T) (store.Store, func(uuid.UUID, time.Duration)) {
		url := postgrestest.URL(t)
		return postgrestest.Open(t, url), func(id uuid.UUID, by time.Duration) {
			conn, err := pgx.Connect(t.Context(), url)
			if err == nil {
				_, err = conn.Exec(t.Context(), "UPDATE heyq.videos SET timeline = jsonb_set(timeline, '{-1,at}', to_jsonb(failed_at - $1::interval)) WHERE id = $2", by, id)
				err = errors.Join(err, conn.Close(t.Context()))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	},
}

// tower is a watcher with a store and a channel of its own.
type tower struct {
	*Watcher
	age     func(failed uuid.UUID, by time.Duration)
	channel *channel
	log     *logged
}

// logged counts the lines of a log that say something.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(line))
	return len(line), nil
}

func (l *logged) count(text string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// each tells a story over both stores.
func each(t *testing.T, story func(t *testing.T, w *tower)) {
	t.Helper()
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &tower{channel: newChannel(t), log: &logged{}}
			s, age := open(t)
			w.age = age
			w.Watcher = New(Options{
				Store: s, Slots: 2, Limits: limits, Webhook: w.channel.Webhook, Place: "here", Log: zerolog.New(w.log), Recheck: time.Millisecond,
			})
			story(t, w)
		})
	}
}

// rounds makes n rounds.
func (w *tower) rounds(t *testing.T, n int) {
	t.Helper()
	for range n {
		if err := w.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *tower) pause(t *testing.T) {
	t.Helper()
	if _, err := w.gate().PauseAdmission(t.Context(), store.OperatorReason); err != nil {
		t.Fatal(err)
	}
}

func (w *tower) resume(t *testing.T) {
	t.Helper()
	if _, err := w.gate().ResumeAdmission(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (w *tower) gate() store.Gate { return w.Store.(store.Gate) }

func TestLook_tells_once_of_a_start_and_once_of_an_end_real(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *tower) {
		w.rounds(t, 2)
		w.channel.wantTexts(t)
		w.pause(t)
		w.rounds(t, 1)
		w.channel.wantTexts(t)
		w.rounds(t, 1)
		w.channel.wantTexts(t, "red_circle|admission-closed|paused|operator|`heyq admission status`|#admission-closed")
		w.rounds(t, 3)
		other := New(w.Options) // another worker, or the same after a restart
		for range 3 {
			if err := other.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		w.channel.wantTexts(t)
		w.resume(t)
		w.rounds(t, 2)
		w.channel.wantTexts(t, "green_circle|admission-closed|ended|operator")
		w.rounds(t, 2)
		w.channel.wantTexts(t)
		if started, ended := w.log.count("has started"), w.log.count("has ended"); started != 1 || ended != 1 {
			t.Errorf("the log tells of %d starts and %d ends", started, ended)
		}
		active, ended, err := w.Store.Alerts(t.Context(), 10)
		if err != nil || len(active) != 0 || len(ended) != 1 || ended[0].EndSentAt.IsZero() {
			t.Errorf("active %v, ended %v (%v)", active, ended, err)
		}
	})
}

func TestLook_tells_later_what_it_could_not_send_real(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *tower) {
		w.channel.answers(http.StatusServiceUnavailable)
		w.pause(t)
		w.rounds(t, 3)
		active, _, err := w.Store.Alerts(t.Context(), 10)
		if err != nil || len(active) != 1 || !strings.Contains(active[0].SendError, "no_service") {
			t.Fatalf("active: %+v (%v)", active, err)
		}
		w.channel.answers(http.StatusOK)
		w.rounds(t, 1)
		w.channel.wantTexts(t, "red_circle|admission-closed")
		w.channel.answers(http.StatusInternalServerError)
		w.resume(t)
		w.rounds(t, 2)
		w.channel.wantTexts(t)
		w.channel.answers(http.StatusOK)
		w.rounds(t, 2)
		w.channel.wantTexts(t, "green_circle|admission-closed")

		// What came and went while no message could be sent is told of once.
		w.channel.answers(http.StatusInternalServerError)
		w.pause(t)
		w.rounds(t, 2)
		w.resume(t)
		w.rounds(t, 2)
		w.channel.answers(http.StatusOK)
		w.rounds(t, 2)
		w.channel.wantTexts(t, "green_circle|admission-closed|ended")
		if n := w.log.count("has started"); n != 2 {
			t.Errorf("the log tells of %d starts, whoever could be told", n)
		}
	})
}

func TestLook_by_many_workers_at_once_real(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *tower) {
		w.pause(t)
		for range 5 {
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					if err := New(w.Options).Round(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		w.channel.wantTexts(t, "red_circle|admission-closed")
	})
}

func TestLook_without_a_webhook_only_logs_real(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *tower) {
		w.Webhook = nil
		w.pause(t)
		w.rounds(t, 3)
		w.resume(t)
		w.rounds(t, 3)
		if started, ended := w.log.count("has started"), w.log.count("has ended"); started != 1 || ended != 1 {
			t.Errorf("the log tells of %d starts and %d ends", started, ended)
		}
		if err := w.Test(t.Context()); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("a test without a webhook: %v", err)
		}
	})
}

func TestLook_finds_idle_slots_real(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *tower) {
		s := w.Store.(store.Store)
		for range 3 {
			v := store.NewVideo{ID: uuid.Must(uuid.NewV7()), UserID: store.DefaultUser, Request: []byte(`{}`), Metadata: map[string]string{}}
			if _, err := s.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{v}}); err != nil {
				t.Fatal(err)
			}
		}
		w.rounds(t, 2)
		w.channel.wantTexts(t, "slots-idle|2 of 2 render slots are idle while 3 videos wait")
		if claims, err := s.Admit(t.Context(), 2); err != nil || len(claims) != 2 {
			t.Fatalf("admitted %v, %v", claims, err)
		}
		w.rounds(t, 2)
		w.channel.wantTexts(t, "green_circle|slots-idle")
	})
}

// admitted makes the videos that wait take their slots, so that none is idle.
func (w *tower) admitted(t *testing.T) []store.Claim {
	t.Helper()
	claims, err := w.Store.(store.Store).Admit(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

// failed makes a video whose create is refused.
func (w *tower) failed(t *testing.T) uuid.UUID {
	t.Helper()
	s := w.Store.(store.Store)
	v := store.NewVideo{ID: uuid.Must(uuid.NewV7()), UserID: store.DefaultUser, Request: []byte(`{}`), Metadata: map[string]string{}}
	if _, err := s.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{v}}); err != nil {
		t.Fatal(err)
	}
	runs, err := s.Begin(t.Context(), store.Create, w.admitted(t))
	if err != nil || len(runs) != 1 {
		t.Fatalf("begun: %v, %v", runs, err)
	}
	refusal := store.Failure{Code: "voice_not_found", Message: "no such voice", Step: store.Create}
	if _, err := s.End(t.Context(), []store.End{store.Refused(runs[0], refusal, 0, nil)}); err != nil {
		t.Fatal(err)
	}
	return v.ID
}

func (w *tower) retry(t *testing.T, id uuid.UUID) {
	t.Helper()
	if _, err := w.Store.(store.Store).Retry(t.Context(), store.Everyone(), id, store.Retry{}); err != nil {
		t.Fatal(err)
	}
	w.admitted(t)
}

// What counts is what failed within the hour and was not retried.
func TestRound_counts_failures_real(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *tower) {
		w.Limits.Failures = 0
		w.retry(t, w.failed(t))
		w.age(w.failed(t), failuresSpan+time.Minute)
		w.rounds(t, 2)
		w.channel.wantTexts(t)
		id := w.failed(t)
		w.rounds(t, 2)
		w.channel.wantTexts(t, "red_circle|failures|1 video failed within|more than 0|`heyq jobs list`")
		w.rounds(t, 2)
		w.channel.wantTexts(t)
		w.retry(t, id)
		w.rounds(t, 2)
		w.channel.wantTexts(t, "green_circle|failures|ended")
	})
}

// One question without an answer spoils no other, and its alert stays as it is.
func TestLook_where_some_cannot_be_asked_real(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *tower) {
		var away atomic.Bool
		w.Sources.Balance = func(context.Context) (*Balance, error) {
			if away.Load() {
				return nil, errors.New("HeyGen is away")
			}
			return &Balance{3, "usd"}, nil
		}
		w.rounds(t, 2)
		w.channel.wantTexts(t, "balance-low|3.00 usd")
		away.Store(true)
		w.pause(t)
		w.rounds(t, 3)
		w.channel.wantTexts(t, "admission-closed")
		if n := w.log.count("HeyGen is away"); n != 3 {
			t.Errorf("the log tells %d times that nobody knows the balance", n)
		}
	})
}

// Who cannot reach the store is told so, and the next round finds all as it was.
func TestLook_while_the_store_is_away(t *testing.T) {
	t.Parallel()
	away := fault.New(fault.Unavailable, "the database did not answer")
	w := New(Options{Store: absent{err: away}, Log: zerolog.Nop()})
	if err := w.Round(t.Context()); !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
}

type absent struct {
	Store
	err error
}

func (a absent) BeginRound(context.Context) (store.Round, bool, error) {
	return store.Round{}, false, a.err
}

func TestTest_sends_a_message(t *testing.T) {
	t.Parallel()
	c := newChannel(t)
	w := New(Options{Webhook: c.Webhook, Place: "here", Log: zerolog.Nop()})
	if err := w.Test(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.wantTexts(t, "at here|This is a test")
	c.answers(http.StatusForbidden)
	if err := w.Test(t.Context()); fault.CodeOf(err) != fault.Unavailable || !strings.Contains(fmt.Sprint(err), "403") {
		t.Errorf("got %v", err)
	}
}
