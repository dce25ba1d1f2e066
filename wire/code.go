package wire

import "heyq/internal/fault"

// Code says of which sort a refusal is. The set is closed.
type Code = fault.Code

// The codes, from the caller's mistakes to heyq's.
const (
	Malformed   = fault.Malformed   // the input cannot be read at all
	Invalid     = fault.Invalid     // the input was read, and a field is wrong
	TooLarge    = fault.TooLarge    // the input exceeds a documented limit
	Forbidden   = fault.Forbidden   // the caller may not do this
	NotFound    = fault.NotFound    // no such thing, or none that the caller may see
	Gone        = fault.Gone        // there was such a thing, and it was removed
	Conflict    = fault.Conflict    // the thing is in a state that forbids this
	Unavailable = fault.Unavailable // something heyq needs is away; try again
	Internal    = fault.Internal    // a bug, or a failure that no code foresaw
)

// FieldError is one wrong field of an input: its name, what was given, and what is wanted.
type FieldError = fault.Field

// Advice is what to do about a refusal, in a word that does not change.
type Advice = fault.Advice
