package sql

import "heyq/store"

// ListText is the statement that lists the videos that a viewer sees.
func ListText(w store.Viewer, f store.Filter, d Dialect) string { return listMatching(w, f).in(d).sql }

// CountText is the statement that counts them.
func CountText(w store.Viewer, f store.Filter, d Dialect) string {
	return countMatching(w, f).in(d).sql
}
