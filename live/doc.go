// Package live tells what becomes of videos while it happens: which state each came to,
// how far it is, and when it will be there.
//
// The rows are the truth, and no writer of a row has to tell of it. While streams are
// open, a process looks once a second which rows have moved (look.go), and writes what is
// new into a stream in Redis that is trimmed (redis.go); the first of several processes
// that tells of a move is believed. Each process reads that stream once, keeps its end in
// memory, and hands each event to those of its streams that may see it (feed.go,
// stream.go). So a reader that comes again, to whatever process, goes on where it was; and
// one that comes too late is told so.
//
//	videos ──look──► Redis stream ──read──► memory ──► streams of readers
//
// It knows nothing of HTTP.
package live
