// Package disk says how much room there is where a folder lies.
package disk

// Room is how much a file system holds, in bytes, and how much of that is free
// for this user.
type Room struct{ Free, Size uint64 }
