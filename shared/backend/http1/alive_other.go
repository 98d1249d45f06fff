//go:build !unix

package http1

import "net"

type probe struct{}

func newProbe(net.Conn) *probe { return nil }

// alive cannot be known here without waiting.
func (*probe) alive() bool { return true }
