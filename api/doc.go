// Package api is heyq's HTTP API: it takes requests for videos and tells what
// has become of them.
//
// New returns one http.Handler. A request passes the middleware (an id, a log
// line, a net under panics), finds its operation in routes.go, and is answered
// in the file named after the resource. What a body may hold is decided in two
// places only: its form by the schema that the documentation shows (body.go),
// its limits by jobs. Both kinds of mistake are told together, as one
// application/problem+json (problem.go). What goes over the wire are the types of
// package wire.
//
//	body[wire.NewVideo] → jobs.NewVideo → jobs.Client → store
//
// Accepting a video is inserting its row. The package knows the store's types
// and the published files; it must not know the machine that moves the rows,
// the queues, or HeyGen.
package api
