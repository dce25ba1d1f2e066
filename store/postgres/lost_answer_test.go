package postgres_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

// lossy stands between a store and its database, and cuts the connection on
// which a command has just been carried out, before its answer gets through.
type lossy struct {
	url string

	mu   sync.Mutex
	lose string // the command whose answer is lost next, as Postgres tags it
	lost int
}

func newLossy(t *testing.T, database string) *lossy {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	socket := u.Query().Get("host") + "/.s.PGSQL." + u.Query().Get("port")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	u.Host, u.RawQuery = listener.Addr().String(), "sslmode=disable"
	l := &lossy{url: u.String()}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", socket)
			if err != nil {
				client.Close()
				continue
			}
			go func() {
				_, _ = io.Copy(server, client)
				server.Close()
			}()
			go l.answers(client, server)
		}
	}()
	return l
}

// loses has the answer of the next such command lost.
func (l *lossy) loses(tag string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lose = tag
}

func (l *lossy) losses() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// ready reports whether answers end with Postgres' ReadyForQuery. Outside a
// transaction what came before it is committed.
func ready(answers []byte) bool {
	return len(answers) > 6 && bytes.HasPrefix(answers[len(answers)-6:], []byte("Z\x00\x00\x00\x05"))
}

func (l *lossy) answers(client, server net.Conn) {
	defer client.Close()
	defer server.Close()
	var kept []byte
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		kept = append(kept, buffer[:n]...)
		l.mu.Lock()
		tagged := l.lose != "" && bytes.Contains(kept, []byte(l.lose+"\x00"))
		done := tagged && ready(kept)
		if done {
			l.lose, l.lost = "", l.lost+1
		}
		l.mu.Unlock()
		switch {
		case done:
			return
		case tagged: // and not yet done
		default:
			if _, err := client.Write(kept); err != nil {
				return
			}
			kept = kept[:0]
		}
	}
}

// mustLose fails the test unless err is of a lost answer.
func (l *lossy) mustLose(t *testing.T, what string, err error) {
	t.Helper()
	if fault.CodeOf(err) != fault.Unavailable || l.losses() == 0 {
		t.Fatalf("%s whose answer was lost: %v after %d losses, want that the database is unavailable", what, err, l.losses())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = 0
}

// A Begin whose answer was lost has begun. It must not begin again, nor may the
// next one take its own send for the only one that the key ever had.
func TestLostAnswer_of_a_Begin_real(t *testing.T) {
	t.Parallel()
	timing := store.DefaultTiming
	timing.Lease = 300 * time.Millisecond
	database := postgrestest.URL(t)
	l, ctx := newLossy(t, database), t.Context()
	s := open(t, l.url, postgres.WithTiming(timing))
	if _, err := s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo()}}); err != nil {
		t.Fatal(err)
	}
	claims, err := s.Admit(ctx, 1)
	if err != nil || len(claims) != 1 {
		t.Fatalf("admitted %v, %v", claims, err)
	}
	l.loses("UPDATE 1")
	_, err = s.Begin(ctx, store.Create, claims)
	l.mustLose(t, "a Begin", err)
	if runs, err := s.Begin(ctx, store.Create, claims); err != nil || len(runs) != 0 {
		t.Errorf("it began again: %v, %v", runs, err)
	}
	if v, err := s.Video(ctx, store.Everyone(), claims[0].Video); err != nil || v.State != store.Submitting {
		t.Errorf("the row is %s (%v), want that it has begun", v.State, err)
	}
	var next []store.Claim
	testkit.Eventually(t, func() error { // the lease runs out
		if next, err = s.Claim(ctx, store.Create, 1); err == nil && len(next) == 0 {
			err = context.DeadlineExceeded
		}
		return err
	})
	runs, err := s.Begin(ctx, store.Create, next)
	if err != nil || len(runs) != 1 || runs[0].First || runs[0].Search {
		t.Errorf("the next Begin is %+v, %v; want a send that is not the first", runs, err)
	}
}

// What an Admit or a Claim has granted without its caller's knowledge need not wait for
// redispatch.
func TestLostAnswer_of_a_grant_real(t *testing.T) {
	t.Parallel()
	l, ctx := newLossy(t, postgrestest.URL(t)), t.Context()
	s := open(t, l.url)
	if _, err := s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo()}}); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	l.loses("UPDATE 1")
	_, err := s.Admit(ctx, 1)
	l.mustLose(t, "an Admit", err)
	for _, what := range []string{"an Admit", "a Claim"} {
		if err := s.Regrant(ctx, time.Since(start)+time.Second); err != nil {
			t.Fatal(err)
		}
		if what == "an Admit" {
			l.loses("UPDATE 1")
			_, err := s.Claim(ctx, store.Create, 1)
			l.mustLose(t, "a Claim", err)
			continue
		}
		claims, err := s.Claim(ctx, store.Create, 1)
		if err != nil || len(claims) != 1 {
			t.Errorf("after the loss of %s: claimed %v, %v", what, claims, err)
		}
	}
}

// An End whose answer was lost is written. Its repetition finds the fence gone,
// and what it presumes of the next claim is right.
func TestLostAnswer_of_an_End_real(t *testing.T) {
	t.Parallel()
	l, ctx := newLossy(t, postgrestest.URL(t)), t.Context()
	s := open(t, l.url)
	run := begun(t, s)
	ended, err := s.End(ctx, []store.End{store.Accepted(run, "hey-1", 0)})
	if err != nil || len(ended) != 1 {
		t.Fatalf("ended %v, %v", ended, err)
	}
	claims, err := s.Claim(ctx, store.Poll, 1)
	if err != nil || len(claims) != 1 {
		t.Fatalf("claimed %v, %v", claims, err)
	}
	runs, err := s.Begin(ctx, store.Poll, claims)
	if err != nil || len(runs) != 1 {
		t.Fatalf("begun %v, %v", runs, err)
	}
	end := store.Rendered(runs[0])
	l.loses("UPDATE 1")
	_, err = s.End(ctx, []store.End{end})
	l.mustLose(t, "an End", err)
	if ended, err := s.End(ctx, []store.End{end}); err != nil || len(ended) != 0 {
		t.Errorf("it ended again: %v, %v", ended, err)
	}
	if runs, err := s.Begin(ctx, store.Download, []store.Claim{*end.Presumed().Next}); err != nil || len(runs) != 1 {
		t.Errorf("the presumed claim begins %v, %v, want one run", runs, err)
	}
}

// begun returns a video's first create.
func begun(t *testing.T, s store.Store) store.Run {
	t.Helper()
	ctx := t.Context()
	if _, err := s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo()}}); err != nil {
		t.Fatal(err)
	}
	claims, err := s.Admit(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := s.Begin(ctx, store.Create, claims)
	if err != nil || len(runs) != 1 {
		t.Fatalf("begun %v, %v", runs, err)
	}
	return runs[0]
}

// It cannot be known whether such a request was accepted, so the answer says
// just that. A key makes it harmless to ask again.
func TestLostAnswer_of_a_creation_real(t *testing.T) {
	t.Parallel()
	l, ctx := newLossy(t, postgrestest.URL(t)), t.Context()
	s := open(t, l.url)
	l.loses("COMMIT")
	_, err := s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo()}})
	l.mustLose(t, "a creation", err)
	if text := err.Error(); !strings.Contains(text, "may have been accepted") {
		t.Errorf("the error does not say that it may have been accepted: %s", text)
	}
	counts, err := s.Counts(ctx)
	if err != nil || counts[store.Queued] != 1 {
		t.Errorf("the videos are %v, %v", counts, err)
	}

	keyed := store.Creation{Videos: []store.NewVideo{newVideo()}, Once: &store.Once{
		Key: "k", Sum: sha256.Sum256(nil), Answer: func([]store.Video) ([]byte, error) { return []byte("first"), nil },
	}}
	l.loses("COMMIT")
	_, err = s.CreateVideos(ctx, keyed)
	l.mustLose(t, "a creation with a key", err)
	created, err := s.CreateVideos(ctx, keyed)
	if err != nil || !created.Replayed || string(created.Answer) != "first" {
		t.Errorf("sent again: %+v, %v; want the first answer", created, err)
	}
	if counts, err := s.Counts(ctx); err != nil || counts[store.Queued] != 2 {
		t.Errorf("the videos are %v, %v", counts, err)
	}

	// What did not get as far as its commit was not accepted.
	l.loses("INSERT 0 1")
	_, err = s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo()}})
	l.mustLose(t, "an insert", err)
	if strings.Contains(err.Error(), "may have been accepted") {
		t.Errorf("it says that it may have been accepted: %v", err)
	}
}
