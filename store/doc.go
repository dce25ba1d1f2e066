// Package store says what heyq remembers: the videos and the state machine
// that each of them is.
//
// The videos table is the truth, and the queues follow it. Each row carries a
// due_at, the time by which a process must act on it, and moves only by the
// guarded updates behind Machine:
//
//	Admit, Claim   the dispatcher takes rows that are due      → Claim
//	Begin          a worker takes the fence and the lease      → Run
//	End            the worker writes what came of it, fenced   → Ended
//
// A Claim grows with every dispatch. A Run is the claim that began. A worker
// that writes with an older run than the row's changes nothing. end.go is the
// whole table of outcomes, and docs/architecture.md explains why each rule is
// there.
//
// The package holds the types, the interfaces and the outcomes. It knows no
// database, no queue and no HeyGen: store/sql has the statements, with which
// store/postgres and store/sqlite implement Store, and store/storetest is the one suite that both pass.
package store
