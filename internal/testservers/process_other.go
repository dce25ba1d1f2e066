//go:build !linux

package testservers

import "syscall"

// attributes: other systems cannot tie a child's life to its parent's, and
// tests do not run as root there.
func attributes(*account) *syscall.SysProcAttr { return nil }
