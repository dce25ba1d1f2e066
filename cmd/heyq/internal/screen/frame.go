package screen

import (
	"bytes"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"
)

// Frame is what stands at the end of the screen and is drawn anew in its place,
// until Close. It is for a terminal (Live).
type Frame struct {
	screen        *Screen
	width, height int // of the terminal when it was last drawn
	lines         int // that it stands on
}

// Frame begins one that is empty.
func (s *Screen) Frame() *Frame {
	_, _ = io.WriteString(s.raw, ansi.HideCursor)
	return &Frame{screen: s}
}

// Draw shows what draw writes in the place of what was there. It is cut to the
// terminal, whose size may have changed; the terminal shows it all at once.
func (f *Frame) Draw(draw func(*Screen)) {
	width, height := f.size()
	var content bytes.Buffer
	draw(&Screen{
		out: &colorprofile.Writer{Forward: &content, Profile: f.screen.out.Profile}, raw: &content, width: width,
	})
	lines := strings.Split(strings.TrimSuffix(content.String(), "\n"), "\n")
	if height > 1 && len(lines) > height-1 { // the cursor stands below
		lines = lines[:height-1]
	}
	var out strings.Builder
	out.WriteString(ansi.SetModeSynchronizedOutput)
	switch {
	case f.lines == 0:
	case width != f.width || height != f.height: // what was there has been wrapped
		out.WriteString(ansi.EraseEntireScreen + ansi.CursorHomePosition)
	default:
		out.WriteString("\r" + ansi.CursorUp(f.lines))
	}
	for _, line := range lines {
		if width > 0 {
			line = ansi.Truncate(line, width, "…")
		}
		out.WriteString(line + ansi.EraseLineRight + "\r\n")
	}
	out.WriteString(ansi.EraseScreenBelow + ansi.ResetModeSynchronizedOutput)
	_, _ = io.WriteString(f.screen.raw, out.String())
	f.width, f.height, f.lines = width, height, len(lines)
}

// Close leaves what was drawn last on the screen.
func (f *Frame) Close() { _, _ = io.WriteString(f.screen.raw, ansi.ShowCursor) }

// size is the terminal's; 0 if it does not say.
func (f *Frame) size() (width, height int) {
	file, ok := f.screen.raw.(*os.File)
	if !ok {
		return f.screen.width, 0
	}
	width, height, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return f.screen.width, 0
	}
	return width, height
}
