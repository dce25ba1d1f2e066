package screen

import (
	"slices"
	"strings"
)

// Gauge shows how much of a whole is taken, on so many cells.
func Gauge(taken, whole, cells int) string {
	filled := 0
	if whole > 0 {
		filled = min(max(taken, 0)*cells/whole, cells)
	}
	if taken > 0 {
		filled = max(filled, 1) // a little is not nothing
	}
	return Good(strings.Repeat("█", filled)) + Dim(strings.Repeat("░", cells-filled))
}

// Spark draws values as a line of columns, the highest of which fills its cell.
func Spark(values []int) string {
	if len(values) == 0 {
		return ""
	}
	columns := []rune("▁▂▃▄▅▆▇█")
	most := max(slices.Max(values), 1)
	var b strings.Builder
	for _, v := range values {
		b.WriteRune(columns[max(v, 0)*(len(columns)-1)/most])
	}
	return b.String()
}
