package screen

import (
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"charm.land/lipgloss/v2"
)

// The styles. Their colours are among the sixteen that a terminal defines, and
// so look different from one terminal to another.
var (
	bold  = lipgloss.NewStyle().Bold(true)
	dim   = lipgloss.NewStyle().Foreground(lipgloss.BrightBlack)
	good  = lipgloss.NewStyle().Foreground(lipgloss.Green)
	bad   = lipgloss.NewStyle().Foreground(lipgloss.Red)
	blue  = lipgloss.NewStyle().Foreground(lipgloss.Blue)
	cyan  = lipgloss.NewStyle().Foreground(lipgloss.Cyan)
	amber = lipgloss.NewStyle().Foreground(lipgloss.Yellow)
)

// Bold makes text stand out.
func Bold(text string) string { return sealing(bold, text) }

// Dim makes text stand back.
func Dim(text string) string { return sealing(dim, text) }

// Good paints what went well.
func Good(text string) string { return sealing(good, text) }

// Bad paints what went wrong.
func Bad(text string) string { return sealing(bad, text) }

// Warn paints what a person may want to look at.
func Warn(text string) string { return sealing(amber, text) }

// Link makes text lead to a file, on terminals that follow links.
func Link(text, path string) string {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return text
	}
	return sealing(lipgloss.NewStyle().Hyperlink((&url.URL{Scheme: "file", Path: absolute}).String()), text)
}

// State paints a video's state in its colour.
func State[T ~string](state T) string { return sealing(stateStyle(string(state)), string(state)) }

func stateStyle(state string) lipgloss.Style {
	switch state {
	case "completed":
		return good
	case "failed":
		return bad
	case "downloading":
		return cyan
	case "rendering":
		return amber
	case "submitting":
		return blue
	}
	return dim
}

// Elapsed writes a duration as a stopwatch does: 0:07, 12:30, 1:02:03.
func Elapsed(d time.Duration) string {
	s := int(d.Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
