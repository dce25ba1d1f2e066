package screen

import (
	"fmt"
	"io"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Bar shows how much of one thing is done. If there is no terminal it
// writes a line now and then, at most one a second, and one when all is done.
type Bar struct {
	screen  *Screen
	title   string
	unit    Unit
	total   int64
	current int64
	printed time.Time

	progress *mpb.Progress // nil: lines
	bar      *mpb.Bar
}

// Unit writes an amount for people.
type Unit func(int64) string

// Count writes an amount of things: 1,000.
func Count(n int64) string { return humanize.Comma(n) }

// Bytes writes a size: 1.2 MB.
func Bytes(n int64) string { return humanize.Bytes(uint64(max(n, 0))) }

// Bar begins to show progress towards total, until Close.
func (s *Screen) Bar(title string, total int64, unit Unit) *Bar {
	title = Clean(title)
	b := &Bar{screen: s, title: title, unit: unit, total: total, printed: time.Now()}
	if !s.live {
		return b
	}
	b.progress = mpb.New(mpb.WithOutput(s.raw), mpb.WithRefreshRate(100*time.Millisecond))
	b.bar = b.progress.New(total, s.barStyle(),
		mpb.BarWidth(40), mpb.BarFillerTrim(),
		mpb.PrependDecorators(decor.Name(fmt.Sprintf("  %-8s  ", title))),
		mpb.AppendDecorators(decor.Any(func(st decor.Statistics) string {
			return "  " + unit(st.Current) + " of " + unit(total)
		})),
	)
	return b
}

func (s *Screen) barStyle() mpb.BarStyleComposer {
	filled := func(text string) string { return s.paint(good, text) }
	empty := func(text string) string { return s.paint(dim, text) }
	return mpb.BarStyle().Lbound("").Rbound("").
		Filler("█").FillerMeta(filled).Tip("█").TipMeta(filled).Padding("░").PaddingMeta(empty)
}

// Add counts n more as done.
func (b *Bar) Add(n int64) {
	b.current += n
	if b.bar != nil {
		b.bar.IncrInt64(n)
		return
	}
	if time.Since(b.printed) >= time.Second || b.current >= b.total {
		b.printed = time.Now()
		b.screen.Printf("%s: %s of %s\n", b.title, b.unit(b.current), b.unit(b.total))
	}
}

// Reader counts what is read from r.
func (b *Bar) Reader(r io.Reader) io.Reader { return &countedReader{r, b} }

type countedReader struct {
	r   io.Reader
	bar *Bar
}

func (c *countedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if n > 0 {
		c.bar.Add(int64(n))
	}
	return n, err
}

// Close leaves the bar on the screen as it stands.
func (b *Bar) Close() {
	if b.bar == nil {
		return
	}
	b.bar.Abort(false)
	b.progress.Wait()
}
