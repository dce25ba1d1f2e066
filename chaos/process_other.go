//go:build !unix

package chaos

import (
	"os"
	"syscall"
)

// If there are no such processes, there is no Postgres to be found either, and
// nothing of this is ever used.

func attributes() *syscall.SysProcAttr { return nil }

var signalStop, signalGoOn os.Signal = os.Kill, os.Kill
