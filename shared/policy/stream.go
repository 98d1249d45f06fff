package policy

import (
	"io"
	"sync"

	"github.com/facet-bff/facet/shared/backend"
)

// afterStream returns res with done called, once, when its stream is closed.
func afterStream(res *backend.Response, done func()) *backend.Response {
	own := *res
	own.Stream = &stream{Reader: res.Stream, close: sync.OnceValue(func() error {
		defer done()
		return res.Stream.Close()
	})}
	return &own
}

// A stream is a Reader with its own way of closing.
type stream struct {
	io.Reader
	close func() error
}

func (s *stream) Close() error { return s.close() }
