// Package suggest finds what a person probably meant to write.
package suggest

import (
	"slices"

	"github.com/agnivade/levenshtein"
)

// Nearest returns the candidate that takes the fewest edits to reach from name, the
// first of several. There must be a candidate.
func Nearest(name string, candidates []string) string {
	return slices.MinFunc(candidates, func(a, b string) int {
		return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
	})
}
