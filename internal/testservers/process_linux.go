package testservers

import "syscall"

// attributes puts a child into a group of its own, so that Ctrl-C reaches us
// first, and ties its life to ours: SIGQUIT makes Postgres take its own
// children along, and Redis end.
func attributes(a *account) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGQUIT}
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attr
}
