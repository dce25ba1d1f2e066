// Package client is the Go client of heyq's HTTP API: the heyq commands talk to
// a running heyq by it, and other programs may.
//
//	heyq := client.New("http://127.0.0.1:8080", token)
//	video, err := heyq.Videos.Create(ctx, wire.NewVideo{Title: "Hello Ada", Render: …}, "order-4711")
//
// A service stands for each part of the API, and has a method for each of its
// operations. What goes over the wire are the types of package wire.
//
// A refusal comes back as an Error that says what is wrong, with which values, and what to
// do. If ctx ends, its error is returned as it is. An iterator, as of Videos.All, follows
// the pages of a list by itself.
//
// What is safe to repeat is repeated after a connection that failed, a 429 and a 503: GET,
// PUT, DELETE and, under their keys, creates. No other POST is sent twice. WithRetries sets
// the bounds. After an Error that is wire.Unavailable, the same create under the same key
// creates nothing twice.
package client
