// Package metrics exports to Prometheus what no process counts by itself: what
// the store and Redis know of the whole heyq, and the disks.
//
// Figures are read when they are scraped. A scrape must neither wait for a store
// that hangs nor make a busy one busier: so what is read is kept for some
// seconds, a scrape waits only so long, and takes older figures then (cached.go).
// Each of the others is one collector of a few metrics.
package metrics
