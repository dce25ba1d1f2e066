// Package media turns a link into a finished file that can be trusted.
//
// A file passes three stages, each one call on a Library:
//
//	Fetch    link → spool: streamed into a .part file, resumed after a cut,
//	         counted, hashed on the way
//	Probe    spool → facts: it is an MP4, whole, and this long
//	Publish  spool → media store, under videos/<video>/<run>/: each file appears
//	         whole or not at all, video.mp4 last
//
// The media store is a folder or a bucket, by its URL. A folder on the spool's
// file system takes a video over by a rename, so that its bytes are written once.
//
// What one run publishes lies under a prefix of its own: a run that lost its
// lease can spoil nothing. Prefixes lists what is there, for a sweep to delete
// what no row points to.
//
// media knows nothing of rows, of HeyGen, or of who asks. Memory per download is
// one buffer of 64 KiB, whatever the file's size.
package media
