// Package datafolder keeps what a heyq has on its own machine, in the folder of
// HEYQ_DIR: secrets that it made, notes of where it serves, and SQLite's file. Others
// on the machine may read none of it.
package datafolder

// The files in the folder.
const (
	Database      = "heyq.db"        // SQLite's
	OperatorToken = "operator-token" // that heyq has made
	NotifySecret  = "notify-secret"  // that a heyq which is alone has made
)
