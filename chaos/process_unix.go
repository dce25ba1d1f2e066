//go:build unix && !linux

package chaos

import "syscall"

// attributes: other systems cannot tie a child's life to its parent's.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
