// Package text is the one rule for what strangers write: which bytes are text,
// which JSON says one thing only, and which characters can be spoken, kept and
// shown. Every entrance asks it: the API, the commands, CSV files and jobs.Client.
//
// What cannot be read for certain is refused and never repaired: bytes that are
// not UTF-8, half of a surrogate pair, a name that an object has twice. A decoder
// that puts U+FFFD in their place would have it spoken, and billed.
//
// text knows fault, and nothing else of heyq.
package text
