package screen

import (
	"fmt"
	"io"
	"os"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"golang.org/x/term"
)

// Screen is an output stream that people look at. It is not safe for
// concurrent use, and nothing else may be written while progress is shown.
type Screen struct {
	out   *colorprofile.Writer // takes out what the terminal cannot paint
	raw   io.Writer
	live  bool
	width int // of the terminal; 0 if it is none
}

// New returns a Screen on w. The environment says what the terminal can paint
// (TERM, NO_COLOR and their kin).
func New(w io.Writer, environ []string) *Screen {
	s := &Screen{out: colorprofile.NewWriter(w, environ), raw: w}
	file, ok := w.(*os.File)
	if !ok || s.out.Profile <= colorprofile.NoTTY {
		return s
	}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil {
		s.live, s.width = true, width
	}
	return s
}

// Live reports whether the screen is a terminal that can redraw.
func (s *Screen) Live() bool { return s.live }

// Write writes text that may be styled. No caller has to check the result: if
// the reader of a pipe is gone, the operating system ends the process
// (SIGPIPE), unless the process ignores that signal.
func (s *Screen) Write(p []byte) (int, error) { return s.out.Write(p) }

// Printf formats text that may be styled. The arguments may be a stranger's, and are
// cleaned; lines are broken by the format alone.
func (s *Screen) Printf(format string, args ...any) { fmt.Fprintf(s.out, format, cleaned(args)...) }

// Println writes one line that may be styled, cleaned.
func (s *Screen) Println(args ...any) { fmt.Fprintln(s.out, cleaned(args)...) }

// paint styles text for raw. Raw does not remove colours, so paint adds them only if the
// terminal wants them.
func (s *Screen) paint(style lipgloss.Style, text string) string {
	if s.out.Profile <= colorprofile.ASCII || text == "" {
		return text
	}
	return style.Render(text)
}
