package observe

import (
	"io"
	"sync"
	"time"
)

// A Buffer holds back what is written to it, for at most a moment, so that a busy gateway
// logs many requests with one system call. A logger sends what is more than information at
// once, with all before it. It is safe for concurrent use. Flush it before the process ends.
type Buffer struct {
	to io.Writer

	mu      sync.Mutex
	held    []byte
	waiting bool // for the moment to pass
}

const (
	holdFor  = 100 * time.Millisecond
	holdMost = 64 << 10
)

// NewBuffer returns a Buffer in front of w.
func NewBuffer(w io.Writer) *Buffer { return &Buffer{to: w} }

// Write takes whole lines.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = append(b.held, p...)
	if len(b.held) >= holdMost {
		return len(p), b.send()
	}
	if !b.waiting {
		b.waiting = true
		time.AfterFunc(holdFor, func() { _ = b.Flush() }) // there is nobody to tell
	}
	return len(p), nil
}

// Flush sends what is held back.
func (b *Buffer) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = false
	return b.send()
}

func (b *Buffer) send() error {
	if len(b.held) == 0 {
		return nil
	}
	_, err := b.to.Write(b.held)
	b.held = b.held[:0]
	return err
}
