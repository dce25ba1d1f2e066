package logs_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"heyq/internal/logs"
)

// buffer is a stream that the log writes to from several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (b *buffer) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.b.Reset()
}

// These tests govern zerolog's global level, and so run one by one.

func TestLevel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log, level := logs.New(&out, zerolog.InfoLevel)
		defer level.Close()
		derived := log.With().Str("a", "b").Logger() // as every part of heyq has one
		told := func(words ...string) {
			t.Helper()
			derived.Debug().Msg("debug")
			derived.Info().Msg("info")
			if got := strings.Count(out.String(), "\n"); got != len(words) {
				t.Errorf("%d lines, want %v:\n%s", got, words, &out)
			}
			for _, word := range words {
				if !strings.Contains(out.String(), word) {
					t.Errorf("%q is not told", word)
				}
			}
			out.Reset()
		}
		told("info")
		level.Set(zerolog.DebugLevel, 0)
		told("debug", "info")
		level.Reset()
		told("info")

		level.Set(zerolog.ErrorLevel, time.Minute)
		told()
		if s := level.State(); s.Level != zerolog.ErrorLevel || time.Until(s.Until) != time.Minute {
			t.Errorf("the state is %+v", s)
		}
		level.Set(zerolog.DebugLevel, 2*time.Minute) // which also ends the wait of before
		time.Sleep(90 * time.Second)
		told("debug", "info")
		time.Sleep(time.Minute)
		told("info")

		level.Toggle()
		told("debug", "info")
		level.Toggle()
		told("info")
	})
}

// A line below the level is not even made, and two logs in one process do not
// take each other's level for theirs.
func TestLevel_is_zerologs_own(t *testing.T) {
	var a, b bytes.Buffer
	quiet, level := logs.New(&a, zerolog.WarnLevel)
	if e := quiet.Info(); e.Enabled() {
		t.Error("a line is made that nobody wants")
	}
	if n := testing.AllocsPerRun(100, func() { quiet.Info().Str("a", "b").Int("n", 1).Msg("no") }); n != 0 {
		t.Errorf("it allocates %v times", n)
	}
	loud, other := logs.New(&b, zerolog.DebugLevel)
	quiet.Info().Msg("no")
	loud.Debug().Msg("yes")
	if a.Len() != 0 || b.Len() == 0 {
		t.Errorf("the quiet log says %q, the loud one %q", &a, &b)
	}
	level.Close()
	other.Close()
	if got := zerolog.GlobalLevel(); got != zerolog.TraceLevel {
		t.Errorf("the global level is %s when no log is left", got)
	}
}

func TestRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		log, level := logs.New(&out, zerolog.InfoLevel)
		lines := func(word string) int { return strings.Count(out.String(), word) }
		for i := range 422 {
			log.Warn().Int("n", i).Msg(`the "task" is tried again`)
			log.Warn().Str("outcome", "failed").Msg("the video failed")
			log.Info().Msg("this is no warning")
		}
		log.Error().Msg("once")
		if lines("is tried again") != 10 || lines("the video failed") != 422 || lines("this is no warning") != 422 || lines("once") != 1 {
			t.Errorf("told %d, %d, %d and %d times", lines("is tried again"), lines("the video failed"), lines("this is no warning"), lines("once"))
		}
		out.Reset()
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := `"level":"warn","repeated":412,`; lines("\n") != 1 || lines(want) != 1 || lines(`the \"task\" is tried again … 412 more like this in the last minute`) != 1 {
			t.Errorf("the end of the minute says %s", &out)
		}
		out.Reset()
		for range 12 {
			log.Warn().Msg("again")
		}
		level.Close()
		if lines("again") != 11 || lines("… 2 more like this") != 1 {
			t.Errorf("the end of the log says %s", &out)
		}
	})
}

// However different what is told, its lines and its memory are bounded.
func TestRepeats_are_bounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		log, level := logs.New(&out, zerolog.InfoLevel)
		for i := range 5000 {
			log.Error().Msg(fmt.Sprintf("the connection from port %d broke", i))
		}
		if got := strings.Count(out.String(), "\n"); got > 300 {
			t.Errorf("%d lines", got)
		}
		level.Close()
		if !strings.Contains(out.String(), "many different warnings and errors … ") {
			t.Error("nobody says that some were left out")
		}
	})
}

func BenchmarkRepeats(b *testing.B) {
	log, level := logs.New(io.Discard, zerolog.InfoLevel)
	defer level.Close()
	b.ReportAllocs()
	for b.Loop() {
		log.Warn().Str("error", "connection refused").Msg("the task is tried again")
	}
}
