// Package client is the Go client of heyq's HTTP API: the heyq commands talk to
// a running heyq by it, and other programs may.
//
//	heyq := client.New("http://127.0.0.1:8080", token)
//	video, err := heyq.Videos.Create(ctx, wire.NewVideo{Title: "Hello Ada", Render: …}, "order-4711")
//
// A service stands for each part of the API, and has a method for each of its
// operations. What goes over the wire are the types of package wire.
//
// A refusal comes back as the Error that it was in the API: the same code, message,
// hint and fields. If ctx ends, its error is returned
// as it is.
//
// The client retries nothing, since only its caller knows what may be asked twice.
// What creates videos takes an idempotency key: after an Error that is unavailable
// the same call under the same key creates nothing twice.
package client
