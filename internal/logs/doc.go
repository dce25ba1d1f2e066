// Package logs makes the log that a heyq writes. Its level can be changed while
// heyq runs, and what repeats itself is told a few times and then counted.
//
// It knows zerolog and the stream it writes to, and nothing of what is told.
package logs
