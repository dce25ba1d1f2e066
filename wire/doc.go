// Package wire is what goes over heyq's HTTP API, once: every request and every
// answer as a Go type, and the table of what each status means.
//
// The API documents and answers with these types, and package client and the
// commands read them. A field of an answer is always there, and null if there is
// nothing to say, unless its tag says omitempty; a field of a request may be left
// out. Times are UTC, spans are seconds.
//
// wire knows the domain's enums (store) and its errors (internal/fault), and no more:
// an import of it brings neither a database nor Redis.
package wire
