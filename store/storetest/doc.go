// Package storetest is the one suite that every store.Store passes.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t testing.TB) storetest.Harness { … })
//	}
//
// It is black box: a slot, a due time or a lease is seen only by what can be
// admitted, claimed and begun next. scene.go has the moves that bring a video
// where a test wants it, ends_*.go the protocol's table of ends row by row,
// traces.go the histories that each broke an earlier protocol, and model.go a
// seeded random history against a HeyGen in memory.
//
// The package knows no database: an implementation gives a Harness, which can
// make time pass.
package storetest
