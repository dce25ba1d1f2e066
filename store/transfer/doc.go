// Package transfer is the form in which the whole state of a heyq leaves one
// database and enters another: JSON Lines, one row a line.
//
//	{"heyq_archive":1,"heyq":"v1.4.0 (3f764ef0c8ab)","source":"SQLite in …","at":"…","migration":"00005_upkeep.sql","counts":{"videos":2,…}}
//	{"table":"videos","row":{"id":"0199…","user_id":"default",…}}
//	{"table":"videos","row":{…}}
//	…
//	{"counts":{"videos":2,…},"sha256":"…"}
//
// The first line says what it is, the last one proves that nothing is missing:
// the sum is of every byte before it. Tables and columns are those of the schema
// (table.go), and values are written in the one form that both databases can keep.
// Times are RFC 3339 in UTC to the microsecond, spans are microseconds, money has
// six decimals, bytes are base64, and JSON has its keys in order, so that the same
// state is the same bytes whichever database it came from.
//
// What is dispatched or running is written as if its process had been stopped:
// the claim is void, the lease is gone, the row is due at once. A task or a worker
// of the old heyq can begin or end nothing with what comes out of an archive. What
// the promises hang on (submission, sends, refusals, the times of the sends, the
// held slots) is written as it is.
//
// The package knows the form alone. store/postgres and store/sqlite know how to
// read and write their tables, and are a Source and a Target.
package transfer
