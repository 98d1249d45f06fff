package http1

import (
	"slices"
	"sync"
	"time"
)

// A pool keeps idle connections, the one used last first, so that those which are not
// needed grow old and are closed.
type pool struct {
	max     int
	timeout time.Duration

	mu     sync.Mutex
	idle   []*connection // the oldest first
	sweep  *time.Timer   // set while there are idle connections
	closed bool          // keeps none any more
}

// get returns an idle connection, or nil.
func (p *pool) get() *connection {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	last := len(p.idle) - 1
	c := p.idle[last]
	p.idle[last] = nil
	p.idle = p.idle[:last]
	c.reused = true
	return c
}

// put takes a connection back. It closes the one that has been idle longest when there are
// too many.
func (p *pool) put(c *connection) {
	c.since = time.Now()
	var surplus *connection
	p.mu.Lock()
	p.idle = append(p.idle, c)
	if len(p.idle) > p.max || p.closed {
		surplus = p.idle[0]
		p.idle = append(p.idle[:0], p.idle[1:]...)
	}
	if p.sweep == nil && len(p.idle) > 0 {
		p.sweep = time.AfterFunc(p.timeout, p.closeOld)
	}
	p.mu.Unlock()
	if surplus != nil {
		surplus.close()
	}
}

// closeOlder closes what has been idle since before a time: what has worked since then is
// put behind it.
func (p *pool) closeOlder(than time.Time) {
	p.mu.Lock()
	n := 0
	for n < len(p.idle) && p.idle[n].since.Before(than) {
		n++
	}
	old := slices.Clone(p.idle[:n])
	p.idle = slices.Delete(p.idle, 0, n)
	p.mu.Unlock()
	closeAll(old)
}

// closeOld closes what has been idle for too long, and comes back while anything is left.
func (p *pool) closeOld() {
	p.mu.Lock()
	var old []*connection
	for len(p.idle) > 0 && time.Since(p.idle[0].since) >= p.timeout {
		old = append(old, p.idle[0])
		p.idle = append(p.idle[:0], p.idle[1:]...)
	}
	p.sweep = nil
	if len(p.idle) > 0 {
		p.sweep = time.AfterFunc(p.timeout-time.Since(p.idle[0].since), p.closeOld)
	}
	p.mu.Unlock()
	closeAll(old)
}

func (p *pool) closeAll(forGood bool) {
	p.mu.Lock()
	p.closed = p.closed || forGood
	all := p.idle
	p.idle = nil
	if p.sweep != nil {
		p.sweep.Stop()
		p.sweep = nil
	}
	p.mu.Unlock()
	closeAll(all)
}

func closeAll(list []*connection) {
	for _, c := range list {
		c.close()
	}
}
