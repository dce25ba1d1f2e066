package screen

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"
	"github.com/charmbracelet/x/ansi"
)

// Table is rows under headings. A heading that ends in a tab stands over a
// column of numbers, which is aligned to the right.
type Table struct {
	Headings []string
	Rows     [][]string
	Framed   bool // draws a border around it
}

// Table writes t, no wider than the terminal.
func (s *Screen) Table(t Table) {
	drawn := t.draw()
	if !s.fits(t) {
		drawn = drawn.Width(s.width)
	}
	for line := range strings.Lines(drawn.String() + "\n") {
		fmt.Fprintln(s.out, strings.TrimRight(line, " \n"))
	}
}

// TableThatFits writes the first of the tables that the terminal is wide enough
// for, and the last one if there is none.
func (s *Screen) TableThatFits(tables []Table) {
	last := len(tables) - 1
	if i := slices.IndexFunc(tables[:last], s.fits); i >= 0 {
		last = i
	}
	s.Table(tables[last])
}

// fits says whether the terminal is wide enough. What is no terminal is as
// wide as it needs to be.
func (s *Screen) fits(t Table) bool {
	return s.width == 0 || lipgloss.Width(t.draw().String()) <= s.width
}

func (t Table) draw() *table.Table {
	numbers := make([]bool, len(t.Headings))
	headings := make([]string, len(t.Headings))
	for i, h := range t.Headings {
		headings[i], numbers[i] = strings.CutSuffix(h, "\t")
	}
	rows := make([][]string, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = cleanRow(row)
	}
	drawn := table.New().Headers(headings...).Rows(rows...).Wrap(false).
		Border(lipgloss.RoundedBorder()).BorderStyle(dim).BorderColumn(false)
	if !t.Framed {
		drawn = drawn.BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false)
	}
	return drawn.StyleFunc(func(row, column int) lipgloss.Style {
		cell := lipgloss.NewStyle().Padding(0, 1)
		if numbers[column] {
			cell = cell.Align(lipgloss.Right)
		}
		if row == table.HeaderRow {
			cell = cell.Bold(true)
		}
		return cell
	})
}

// Pairs writes names and values in two columns. Pairs without a value are
// left out.
func (s *Screen) Pairs(pairs ...[2]string) {
	pairs = slices.DeleteFunc(pairs, func(p [2]string) bool { return lipgloss.Width(p[1]) == 0 })
	widest := 0
	for i, p := range pairs {
		pairs[i] = [2]string{Clean(p[0]), Clean(p[1])}
		p = pairs[i]
		widest = max(widest, lipgloss.Width(p[0]))
	}
	for _, p := range pairs {
		pad := strings.Repeat(" ", widest-lipgloss.Width(p[0]))
		fmt.Fprintf(s.out, "  %s%s   %s\n", dim.Render(p[0]), pad, p[1])
	}
}

// Hang writes text behind head, and goes on under its beginning if the terminal
// is not wide enough.
func (s *Screen) Hang(head, text string) {
	const least = 20 // or it would be a column of single words
	head, text = Clean(head), Clean(text)
	indent := lipgloss.Width(head)
	if s.width-indent >= least {
		text = ansi.Wrap(text, s.width-indent, "")
	}
	fmt.Fprintln(s.out, head+strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", indent)))
}
