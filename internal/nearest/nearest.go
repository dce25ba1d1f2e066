// Package nearest finds what somebody probably meant to write.
package nearest

import (
	"slices"

	"github.com/agnivade/levenshtein"
)

// To returns the candidate that takes the fewest edits to reach from name, the
// first of several. There must be a candidate.
func To(name string, candidates []string) string {
	return slices.MinFunc(candidates, func(a, b string) int {
		return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
	})
}
