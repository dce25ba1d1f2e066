// Package chaos breaks a whole heyq on purpose and then checks what it
// promised.
//
// It starts a real Redis and a real Postgres, puts a proxy before each that can
// be told to misbehave, serves the HeyGen simulator, and runs the API, the
// workers and the schedulers as processes of their own. A customer asks for
// videos while a script of faults plays. When everything is quiet again an
// auditor holds the database, HeyGen's ledger, the files, Redis and the spools
// against the invariants.
//
//	chaos.go     Run: the way through all of it
//	stage.go     what runs: servers, proxies (link.go), HeyGen (heygen.go), processes (child.go)
//	disk.go      the disk that all of it lies on, where this user may have one
//	tape.go      a trigger that writes down every change of a row, and who made it
//	customer.go  who asks, cancels and tries again, and keeps every promise it was given:
//	             20 users with keys (users.go), who look for what is another's (pry.go)
//	script.go    the timeline of faults (fault.go, faults_*.go), the same for the same seed
//	scenario.go  scripts of their own, by name (scenarios_*.go)
//	quiet.go     waits until nothing is left to do
//	audit.go     I1 to I15 (audit_*.go), and how long each recovery took (recovery.go)
//
// The package prints nothing: it tells what happens through Options.Tell and
// returns a Report. It knows heyq's tables, its HTTP API and HeyGen's ledger, and
// nothing of heyq's insides.
package chaos
