package screen

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/vbauerster/mpb/v8/decor"
)

// If there is no terminal, nothing but text is written.
func TestScreen_plain(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := New(&out, []string{"TERM=xterm-256color", "COLORTERM=truecolor"})
	if s.Live() {
		t.Error("a buffer passes for a terminal")
	}
	s.Println(Bold("bold"), Dim("dim"), Good("good"), Bad("bad"), State("rendering"), Link("link", "/tmp/x"))
	s.Pairs([2]string{"name", Bold("value")}, [2]string{"left out", ""}, [2]string{"longer name", "another"})
	s.Table(Table{Headings: []string{"name", "size\t"}, Rows: [][]string{{State("queued"), "5 B"}, {"x", "1,000 B"}}})
	s.Table(Table{Headings: []string{"a"}, Rows: [][]string{{"b"}}, Framed: true})
	want := `bold dim good bad rendering link
  name          value
  longer name   another
 name       size
─────────────────
 queued      5 B
 x       1,000 B
╭───╮
│ a │
├───┤
│ b │
╰───╯
`
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", &out, want)
	}
}

func TestTable_fits_the_terminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := New(&out, nil)
	s.width = 20
	wide := Table{Headings: []string{"name"}, Rows: [][]string{{strings.Repeat("x", 50)}}}
	s.Table(wide)
	for line := range strings.Lines(out.String()) {
		if w := ansi.StringWidth(strings.TrimSuffix(line, "\n")); w > 20 {
			t.Errorf("a line is %d wide: %s", w, line)
		}
	}
}

func TestTable_that_fits(t *testing.T) {
	t.Parallel()
	tables := []Table{{Headings: []string{"widest"}}, {Headings: []string{"wide"}}, {Headings: []string{"bare"}}}
	for width, want := range map[int]string{0: "widest", 8: "widest", 7: "wide", 6: "wide", 3: "…"} {
		var out bytes.Buffer
		s := New(&out, nil)
		s.width = width
		s.TableThatFits(tables)
		if got := strings.Fields(out.String())[0]; got != want {
			t.Errorf("%d cells: got %s, want %s", width, got, want)
		}
	}
}

func TestHang(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]string{
		0:  "✓ store  one two three four five six\n",
		30: "✓ store  one two three four\n         five six\n",
		20: "✓ store  one two three four five six\n",
	} {
		var out bytes.Buffer
		s := New(&out, nil)
		s.width = width
		s.Hang(Good("✓")+" store  ", "one two three four five six")
		if out.String() != want {
			t.Errorf("%d cells: got %q, want %q", width, &out, want)
		}
	}
}

func TestTally_plain(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	tally := New(&out, nil).Tally(3)
	tally.Show(map[string]int{"queued": 3})
	tally.Show(map[string]int{"queued": 2, "submitting": 1}) // within the same second
	tally.Show(map[string]int{"completed": 2, "failed": 1})
	tally.Close()
	want := "0:00  queued 3 · rendering 0 · completed 0\n0:00  queued 0 · rendering 0 · completed 2 · failed 1\n"
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", &out, want)
	}
}

// The parts of the bar always add up to the whole.
func TestTally_fills_the_bar(t *testing.T) {
	t.Parallel()
	for _, counts := range []map[string]int{
		{},
		{"queued": 7},
		{"queued": 3, "submitting": 1, "rendering": 1, "downloading": 1, "completed": 1},
		{"completed": 7},
		{"completed": 100}, // more than were announced
	} {
		var bar strings.Builder
		tally := New(&bytes.Buffer{}, nil).Tally(7)
		tally.Show(counts)
		if err := tally.Fill(&bar, decor.Statistics{AvailableWidth: 80, RequestedWidth: 61}); err != nil {
			t.Fatal(err)
		}
		if got := ansi.StringWidth(bar.String()); got != 61 {
			t.Errorf("%v: %d cells, want 61: %s", counts, got, bar.String())
		}
	}
}

func TestBar_plain(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	bar := New(&out, nil).Bar("accepted", 2000, Count)
	bar.Add(1000)
	bar.Add(1000)
	bar.Close()
	if want := "accepted: 2,000 of 2,000\n"; out.String() != want {
		t.Errorf("got %q, want %q", &out, want)
	}
}

func TestElapsed(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		7900 * time.Millisecond: "0:07", 750 * time.Second: "12:30", 3723 * time.Second: "1:02:03",
	} {
		if got := Elapsed(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
}
