// Package testkit gives each test real servers of its own.
//
//	url := testkit.Postgres(t) // a fresh, empty database
//	url := testkit.Redis(t)    // a whole Redis
//
// A Redis is started for each test, since tests flush it. One Postgres cluster
// serves a test process, and each test has a database in it; a package with
// several such tests keeps the cluster between them with
//
//	func TestMain(m *testing.M) { testkit.Main(m) }
//
// Everything is private and removed at the end, so t.Parallel is welcome and a
// database of the developer's is never touched. If a server is not
// installed the test is skipped, and fails when CI=true.
//
// The servers themselves are package testservers, which programs outside tests may
// use as well. testkit knows no schema: what a database holds at the start is
// the caller's, by FromTemplate.
package testkit
