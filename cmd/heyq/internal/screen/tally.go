package screen

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Tally shows how many videos stand in each state. On a terminal it is one bar
// with a part for each state; elsewhere a line whenever the counts change, at
// most one a second.
type Tally struct {
	screen *Screen
	total  int
	start  time.Time

	progress *mpb.Progress // nil: lines
	bar      *mpb.Bar
	printed  time.Time
	line     string // the last counts; printed ones if there is no bar

	mu     sync.Mutex // the bar is drawn by a goroutine of its own
	counts map[string]int
}

// drawn is the order of the parts: what is done grows from the left.
var drawn = []string{"completed", "failed", "cancelled", "downloading", "rendering", "submitting", "queued"}

// spoken is the order in which the counts are read: as the videos go.
var spoken = []string{"queued", "submitting", "rendering", "downloading", "completed", "failed", "cancelled"}

// always are the states that are shown even if no video is in them.
var always = map[string]bool{"queued": true, "rendering": true, "completed": true}

// Tally begins to show how many videos are in each state, of total videos. It
// ends with Close.
func (s *Screen) Tally(total int) *Tally {
	t := &Tally{screen: s, total: total, start: time.Now()}
	if !s.live {
		return t
	}
	t.progress = mpb.New(mpb.WithOutput(s.raw), mpb.WithRefreshRate(100*time.Millisecond))
	t.bar = t.progress.New(0, t, // it has no total for mpb: only Close ends it
		mpb.BarWidth(60), mpb.BarFillerTrim(),
		mpb.PrependDecorators(decor.Name("  ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return t.ratio() })),
		mpb.BarBtmExtender(mpb.BarFillerFunc(func(w io.Writer, _ decor.Statistics) error {
			_, err := fmt.Fprintf(w, "  %s\n", t.words())
			return err
		})),
	)
	return t
}

// Show takes new counts, by state. The map is the Tally's from here on.
func (t *Tally) Show(counts map[string]int) {
	t.mu.Lock()
	t.counts = counts
	t.mu.Unlock()
	if t.bar != nil {
		return
	}
	line := t.words()
	if line != t.line && (time.Since(t.printed) >= time.Second || ended(counts) == t.total) {
		t.printed, t.line = time.Now(), line
		t.screen.Printf("%s  %s\n", Elapsed(time.Since(t.start)), line)
	}
}

// Close leaves the last counts on the screen.
func (t *Tally) Close() {
	if t.bar == nil {
		return
	}
	t.bar.Abort(false)
	t.progress.Wait()
}

func ended(counts map[string]int) int {
	return counts["completed"] + counts["failed"] + counts["cancelled"]
}

// ratio says how many have ended, and how long it took.
func (t *Tally) ratio() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return fmt.Sprintf("  %d/%d  %s", ended(t.counts), t.total, Elapsed(time.Since(t.start)))
}

// words reads the counts out.
func (t *Tally) words() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	paint := t.screen.paint // the bar is drawn on raw, a line is printed
	if t.bar == nil {
		paint = sealing
	}
	var parts []string
	for _, state := range spoken {
		if n := t.counts[state]; n > 0 || always[state] {
			parts = append(parts, fmt.Sprintf("%s %d", paint(stateStyle(state), state), n))
		}
	}
	return strings.Join(parts, " · ")
}

// Build makes a Tally what mpb draws a bar with.
func (t *Tally) Build() mpb.BarFiller { return t }

// Fill draws the bar. Each state gets the cells that its share ends in, so
// that the parts always add up to the whole.
func (t *Tally) Fill(w io.Writer, st decor.Statistics) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	width := min(st.AvailableWidth, max(st.RequestedWidth, 10))
	var b strings.Builder
	seen, cells := 0, 0
	for _, state := range drawn {
		seen += t.counts[state]
		until := width * min(seen, t.total) / max(t.total, 1)
		b.WriteString(t.screen.paint(stateStyle(state), strings.Repeat(glyph(state), until-cells)))
		cells = until
	}
	b.WriteString(t.screen.paint(dim, strings.Repeat("░", max(width-cells, 0))))
	_, err := io.WriteString(w, b.String())
	return err
}

// glyph returns a sign for a state, which tells it apart without colours too.
func glyph(state string) string {
	switch state {
	case "completed", "failed", "cancelled":
		return "█"
	case "downloading":
		return "▓"
	case "rendering", "submitting":
		return "▒"
	}
	return "░"
}
