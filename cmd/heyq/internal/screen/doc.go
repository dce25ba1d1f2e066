// Package screen shows things to people: styled text, tables and progress.
//
// A Screen is one output stream. On a terminal it paints and redraws in place;
// anywhere else the same calls write plain lines, so that a command never asks
// what it is writing to. Progress is not a result: a command whose output is
// JSON gives its progress to a Screen on standard error.
//
// screen knows nothing of heyq but the names of the states, which have colours.
package screen
