// Package trace follows a video from the request that asked for it to its file,
// over processes and queues, as an OpenTelemetry trace.
//
// The row remembers where a video's trace begins, as a W3C traceparent: the
// worker that begins a step goes on from there (Resume), whatever task it came
// with. So a list of 25 videos in one task still gives each its own spans, in its
// own trace.
//
//	HTTP span → Accept → row → Resume: create, poll, download, … → heygen create
//
// It is off if no Tracer is given: every method of a nil Tracer and of a zero
// Span does nothing, and allocates nothing. The package knows OpenTelemetry's API
// alone; app has the SDK, which sends the spans.
package trace
