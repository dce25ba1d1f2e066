//go:build unix

package chaos

import (
	"os"
	"syscall"
)

// The signals that make a process stand still and go on.
var signalStop, signalGoOn os.Signal = syscall.SIGSTOP, syscall.SIGCONT
