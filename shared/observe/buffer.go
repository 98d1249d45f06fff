package observe

import (
	"io"
	"sync"
	"time"
)

// A Buffer holds back what is written to it, for at most a moment, so that a busy gateway
// logs many requests with one system call. Only the lines of requests that have not failed
// wait in it; all others send it at once. It is safe for concurrent use. Flush it before the
// process ends.
type Buffer struct {
	to   io.Writer
	hold time.Duration

	mu      sync.Mutex
	held    []byte
	waiting bool // for the moment to pass
}

const holdMost = 64 << 10

// NewBuffer returns a Buffer in front of w, which holds nothing back for longer than hold; 0
// is not at all.
func NewBuffer(w io.Writer, hold time.Duration) *Buffer { return &Buffer{to: w, hold: hold} }

// Buffered returns w itself if it is a Buffer, and else one that holds nothing back.
func Buffered(w io.Writer) *Buffer {
	if b, ok := w.(*Buffer); ok {
		return b
	}
	return NewBuffer(w, 0)
}

// Write takes whole lines.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = append(b.held, p...)
	if len(b.held) >= holdMost || b.hold == 0 {
		return len(p), b.send()
	}
	if !b.waiting {
		b.waiting = true
		time.AfterFunc(b.hold, func() { _ = b.Flush() }) // there is nobody to tell
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
