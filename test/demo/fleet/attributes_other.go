//go:build !linux

package fleet

import "syscall"

// attributes put a process into a group of its own, which the terminal's Ctrl-C does not
// reach. There is no way to end it with its parent.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
