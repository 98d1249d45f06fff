package fleet

import "syscall"

// attributes put a process into a group of its own, which the terminal's Ctrl-C does not
// reach, and end it with its parent. Linux takes the end of the thread that started it for
// the parent's; the threads of a Go program stay, unless a goroutine ends locked to one.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
