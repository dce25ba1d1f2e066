package dispatch_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"heyq/dispatch"
)

func TestAsynqLog_keeps_levels_and_never_exits(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := dispatch.AsynqLog(zerolog.New(&out))
	l.Debug("a ", 1)
	l.Info("b")
	l.Warn("Retry exhausted for task id=7") // which the ErrorHandler tells
	l.Warn("c")
	l.Error("d")
	l.Fatal("e")
	want := []string{
		`{"level":"debug","message":"a 1"}`, `{"level":"info","message":"b"}`, `{"level":"warn","message":"c"}`,
		`{"level":"error","message":"d"}`, `{"level":"error","message":"e"}`,
	}
	if got := strings.TrimSpace(out.String()); got != strings.Join(want, "\n") {
		t.Errorf("logged %s", got)
	}
}
