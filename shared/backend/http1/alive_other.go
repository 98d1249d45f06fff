//go:build !unix

package http1

// alive cannot be known here without waiting.
func (c *connection) alive() bool { return true }
