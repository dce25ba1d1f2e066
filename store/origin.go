package store

// Origin says where the request for a video came from. The row remembers it, so
// that each step can tell, in whatever process.
type Origin struct {
	Trace   string // the W3C traceparent that the video's spans hang below; empty: it is not traced
	Request string // id of the HTTP request; empty: there was none
}
