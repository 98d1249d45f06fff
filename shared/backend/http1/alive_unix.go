//go:build unix

package http1

import (
	"net"
	"syscall"
)

// A probe looks at an idle connection. It is made once for each.
type probe struct {
	raw    syscall.RawConn // nil: there is nothing to look at
	look   func(fd uintptr)
	one    [1]byte
	silent bool
}

func newProbe(conn net.Conn) *probe {
	p := &probe{}
	if s, ok := conn.(syscall.Conn); ok {
		p.raw, _ = s.SyscallConn() // which fails for a closed connection, as all else will
	}
	p.look = func(fd uintptr) {
		_, _, err := syscall.Recvfrom(int(fd), p.one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		p.silent = err == syscall.EAGAIN
	}
	return p
}

// alive looks whether the server has closed the connection, or has sent what nobody asked for,
// without waiting.
func (p *probe) alive() bool {
	if p.raw == nil {
		return true
	}
	err := p.raw.Control(p.look)
	return err == nil && p.silent
}
