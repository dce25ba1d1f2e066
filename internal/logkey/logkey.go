// Package logkey names the fields of heyq's log lines, in one place: who searches
// a log for a video, or writes an alert, finds it under one name everywhere.
//
// A line is an event, and is written once, at the edge: by the code that ends a
// request or a step, not by the code that it went through.
package logkey

// What a line is about. docs/observability.md explains them.
const (
	Video        = "video"        // id
	Videos       = "videos"       // how many, if a line is about several
	Notification = "notification" // id
	Step         = "step"         // create, look, poll, download, analyze or notify
	Attempt      = "attempt"      // of the step, from 1
	Outcome      = "outcome"      // of the step: the state that it led to, or why it ends without one
	HeyGenID     = "heygen_id"    // of the render
	Request      = "request_id"   // of the HTTP request that it began with; also X-Request-Id
	Trace        = "trace_id"     // OpenTelemetry's
	Error        = "error"        // why it failed; zerolog's own
	Duration     = "duration"     // milliseconds
	Repeated     = "repeated"     // how many lines like this one were left out

	Kind      = "kind"   // of a task
	Result    = "result" // of a scheduled job, in words
	Type      = "type"   // of an outside operation
	Operation = "operation"
	SlowAfter = "slow_after" // milliseconds
	Breaker   = "breaker"    // name of a circuit breaker
	Cause     = "cause"      // why it opened
	Wait      = "wait"       // milliseconds

	File   = "file"
	Status = "status"
	Parts  = "parts"
	Jobs   = "jobs"
	Away   = "away" // milliseconds for which something has not answered
	Panic  = "panic"
	Stack  = "stack"

	Method   = "method"
	Path     = "path"
	URL      = "url"
	Address  = "address"  // of a client
	Endpoint = "endpoint" // HeyGen's id of a webhook endpoint
	Call     = "call"     // of HeyGen's API
	Event    = "event"    // id, of a webhook

	Unsigned   = "unsigned" // deliveries of webhooks that were refused, by reason
	Forged     = "forged"
	Stale      = "stale"
	TooLarge   = "too_large"
	Unreadable = "unreadable"
	Crowded    = "crowded"
	Failed     = "failed"

	Alert    = "alert"    // rule of one
	Subject  = "subject"  // what an alert is about
	Summary  = "summary"  // of an alert, in words
	Since    = "since"    // from when on
	Ended    = "ended"    // until when
	Question = "question" // of a round that got no answer

	Level    = "to" // the level that is logged from now on
	Variable = "variable"
	Command  = "command"

	Version   = "version"
	Commit    = "commit"
	BuiltFrom = "built_from"
	Modified  = "modified"
	Go        = "go"
	Platform  = "platform"
)
