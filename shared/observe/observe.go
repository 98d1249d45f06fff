// Package observe is what a gateway tells of itself: structured logs, metrics, the
// trace context of a request, and the timing of its steps.
package observe

import (
	"io"
	"log/slog"
)

// Config is the section "observe".
type Config struct {
	LogLevel     slog.Level `yaml:"log_level" default:"INFO"`
	LogFormat    string     `yaml:"log_format" default:"json" validate:"oneof=json text"`
	ServerTiming bool       `yaml:"server_timing"` // tells clients the names of services
}

// NewLogger returns the logger of one gateway.
func NewLogger(w io.Writer, c Config, gateway string) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	var h slog.Handler = slog.NewJSONHandler(w, options)
	if c.LogFormat == "text" {
		h = slog.NewTextHandler(w, options)
	}
	return slog.New(h).With("gateway", gateway)
}
