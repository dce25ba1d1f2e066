package chaos

import "syscall"

// attributes puts a child into a group of its own, so that Ctrl-C reaches us
// first, and ties its life to ours.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
