//go:build !linux

package redistest

import "syscall"

// attributes put the process into a group of its own, which the terminal's Ctrl-C does not
// reach.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
