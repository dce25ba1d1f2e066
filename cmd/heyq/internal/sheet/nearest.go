package sheet

import "slices"

// nearest returns the candidate that takes the fewest edits to reach.
func nearest(name string, candidates []string) string {
	return slices.MinFunc(candidates, func(a, b string) int { return edits(name, a) - edits(name, b) })
}

// edits counts the letters to insert, delete or replace to turn a into b.
func edits(a, b string) int {
	above := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range len(a) {
		row := []int{i + 1}
		for j := range len(b) {
			replaced := above[j]
			if a[i] != b[j] {
				replaced++
			}
			row = append(row, min(replaced, above[j+1]+1, row[j]+1))
		}
		above = row
	}
	return above[len(b)]
}
