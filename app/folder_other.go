//go:build !unix

package app

// checkFolder has nothing to look at: this system has no such modes.
func checkFolder(string, bool) error { return nil }
