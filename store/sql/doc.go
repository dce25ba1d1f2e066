// Package sql has the row protocol once: every statement of it, and every method
// of store.Store that is made of statements. store/postgres and store/sqlite embed
// its Protocol, and give it their ways to reach a database.
//
// A statement is written in the SQL that both databases know, with @name where a
// value stands. What they say differently is a mark in braces, such as {now}:
// dialect.go has the list. A statement is filled in once for each database, and
// testdata/statements.sql shows both forms of each.
//
// If it matters how a database works, the stricter one leads: rows are locked
// before they are judged, in the order of their ids. SQLite has one writer and
// needs no locks, so that the marks for them are empty there.
//
// The package knows no driver, no connection and no transaction of its own.
package sql
