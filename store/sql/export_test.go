package sql

import "heyq/store"

// ListText is the statement that lists videos.
func ListText(f store.Filter, d Dialect) string { return listMatching(store.Everyone(), f).in(d).sql }
