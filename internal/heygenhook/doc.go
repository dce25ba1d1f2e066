// Package heygenhook reads what HeyGen calls back with: signed deliveries to a
// registered endpoint, and unsigned ones to an address of a single video.
//
//	header, body → Keyring.Verify → Parse → Event: which video may have news
//	video, token → Links.Valid
//
// Nothing of a delivery is believed beyond that. The package compares and decodes.
// It must not know rows, HTTP answers, or HeyGen's client. Package
// operate/endpoint registers the endpoints.
package heygenhook
