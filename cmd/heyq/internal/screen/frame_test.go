package screen

import (
	"bytes"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// A frame is drawn over what it drew before, and never wider than the terminal.
func TestFrame_draws_in_place(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := New(&out, nil)
	s.width = 10
	frame := s.Frame()
	frame.Draw(func(s *Screen) { s.Println("one"); s.Println("two") })
	first := out.String()
	out.Reset()
	frame.Draw(func(s *Screen) {
		s.Println(strings.Repeat("x", 30))
		if s.Live() {
			t.Error("a frame has bars in it")
		}
	})
	second := out.String()
	frame.Close()

	if strings.Contains(first, "\x1b[2A") || !strings.Contains(first, "one"+ansi.EraseLineRight+"\r\n") {
		t.Errorf("first: %q", first)
	}
	if !strings.Contains(second, "\r"+ansi.CursorUp(2)+"xxxxxxxxx…"+ansi.EraseLineRight) || !strings.Contains(second, ansi.EraseScreenBelow) {
		t.Errorf("second: %q", second)
	}
	if !strings.HasPrefix(first, ansi.HideCursor) || !strings.HasSuffix(out.String(), ansi.ShowCursor) {
		t.Error("the cursor is not hidden, or not shown again")
	}
}

func TestGauge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		taken, whole int
		want         string
	}{
		{0, 10, "░░░░"}, {1, 100, "█░░░"}, {5, 10, "██░░"}, {10, 10, "████"}, {12, 10, "████"}, {0, 0, "░░░░"}, {1, 0, "█░░░"},
	} {
		if got := ansi.Strip(Gauge(c.taken, c.whole, 4)); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.taken, c.whole, got, c.want)
		}
	}
}

func TestSpark(t *testing.T) {
	t.Parallel()
	if got, want := Spark([]int{0, 7, 14, -1}), "▁▄█▁"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := Spark([]int{0, 0}) + Spark(nil); got != "▁▁" {
		t.Errorf("of nothing: %s", got)
	}
}
