// Package remote is how the commands talk to a running heyq: its HTTP API with
// Go types.
//
// Bodies go out as the JSON that the caller gives, so that the API is the one
// place that says which fields there are. Answers keep the JSON that they came
// as, for --json, beside the fields that a command reads. A refusal, which the
// API words as problem+json, comes back as the fault that it was there: the
// same code, message and fields.
//
// remote retries nothing. A command that may ask again knows why.
package remote
