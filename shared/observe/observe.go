// Package observe is what a gateway tells of itself: structured logs, metrics, the
// trace context of a request, and the timing of its steps.
package observe

import (
	"context"
	"errors"
	"io"
	"log/slog"
)

// Config is the section "observe".
type Config struct {
	LogLevel     slog.Level `yaml:"log_level" default:"INFO"`                             // DEBUG, INFO, WARN or ERROR: what is below is left out
	LogFormat    string     `yaml:"log_format" default:"json" validate:"oneof=json text"` // of the log's lines
	ServerTiming bool       `yaml:"server_timing"`                                        // how long each step took; tells clients the names of steps
}

// NewLogger returns the logger of one gateway. It lets nothing wait in a [Buffer].
func NewLogger(w io.Writer, c Config, gateway string) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	var h slog.Handler = slog.NewJSONHandler(w, options)
	if c.LogFormat == "text" {
		h = slog.NewTextHandler(w, options)
	}
	if b, ok := w.(*Buffer); ok {
		h = flushing{h, b}
	}
	return slog.New(h).With("gateway", gateway)
}

// A flushing handler sends what it has written, and all before it.
type flushing struct {
	slog.Handler
	buffer *Buffer
}

func (f flushing) Handle(ctx context.Context, r slog.Record) error {
	return errors.Join(f.Handler.Handle(ctx, r), f.buffer.Flush())
}

func (f flushing) WithAttrs(attrs []slog.Attr) slog.Handler {
	return flushing{f.Handler.WithAttrs(attrs), f.buffer}
}

func (f flushing) WithGroup(name string) slog.Handler {
	return flushing{f.Handler.WithGroup(name), f.buffer}
}
