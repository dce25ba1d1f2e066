package sheet

import (
	"encoding/csv"
	"io"
	"slices"
	"strings"
)

// WriteRejected writes to w the lines that a cell in bad is about, as a file that Read
// takes. Each line is as it was, after a new first cell that says what is wrong with
// it.
func (s *Sheet) WriteRejected(w io.Writer, bad []Cell) error {
	reasons := map[int][]string{}
	var order []int
	for _, cell := range bad {
		if reasons[cell.Line] == nil {
			order = append(order, cell.Line)
		}
		reasons[cell.Line] = append(reasons[cell.Line], strings.TrimPrefix(cell.Field+": ", ": ")+cell.Message)
	}
	slices.Sort(order)
	if s.marked {
		if _, err := io.WriteString(w, mark); err != nil {
			return err
		}
	}
	old := slices.IndexFunc(s.header, func(name string) bool { return strings.TrimSpace(name) == Reason })
	out := csv.NewWriter(w)
	out.UseCRLF = s.marked // it is a spreadsheet's
	write := func(first string, cells []string) error {
		if old >= 0 && old < len(cells) {
			cells = slices.Delete(slices.Clone(cells), old, old+1)
		}
		return out.Write(append([]string{first}, cells...))
	}
	if err := write(Reason, s.header); err != nil {
		return err
	}
	for _, line := range order {
		if err := write(strings.Join(reasons[line], "; "), s.lines[line]); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
