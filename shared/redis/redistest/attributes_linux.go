package redistest

import "syscall"

// attributes put the process into a group of its own, which the terminal's Ctrl-C does not
// reach, and end it with its parent.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
