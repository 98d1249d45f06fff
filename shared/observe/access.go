package observe

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// An Access is what is logged of one request when it is over. Empty strings at the end,
// from Subject on, are left out.
type Access struct {
	Level                                   slog.Level
	RequestID                               string
	Trace                                   Trace
	Method, Endpoint, Path                  string
	Status                                  int
	Bytes                                   int64
	Took                                    time.Duration
	Client, Subject, Degraded, Fault, Error string
}

// An AccessLog writes the one line of each request. It writes what a [slog.Logger] of the same
// Config would, and allocates nothing. It is safe for concurrent use.
type AccessLog struct {
	out     *Buffer
	level   slog.Level
	gateway []byte       // ,"gateway":"..."
	text    *slog.Logger // instead, where the log is text
}

// NewAccessLog returns the access log of one gateway.
func NewAccessLog(out *Buffer, c Config, gateway string) *AccessLog {
	l := &AccessLog{out: out, level: c.LogLevel, gateway: appendText(nil, "gateway", gateway)}
	if c.LogFormat == "text" {
		l.text = NewLogger(out, c, gateway)
	}
	return l
}

var accessLines = sync.Pool{New: func() any { return new([]byte) }}

// Write logs a request, if its level is logged.
func (l *AccessLog) Write(a *Access) {
	switch {
	case a.Level < l.level:
		return
	case l.text != nil:
		l.text.LogAttrs(context.Background(), a.Level, "request", a.attrs()...)
		return
	}
	buf := accessLines.Get().(*[]byte)
	defer accessLines.Put(buf)
	b := (*buf)[:0]
	b = append(b, `{"time":"`...)
	b = time.Now().AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","level":"`...)
	b = append(b, a.Level.String()...)
	b = append(b, `","msg":"request"`...)
	b = append(b, l.gateway...)
	*buf = append(a.append(b), "}\n"...)
	_, _ = l.out.Write(*buf) // nobody can be told that it cannot be logged
	if a.Level > slog.LevelInfo {
		_ = l.out.Flush()
	}
}

func (a *Access) append(b []byte) []byte {
	b = appendText(b, "request_id", a.RequestID)
	b = append(b, `,"trace_id":"`...)
	b = append(b, a.Trace.ID()...)
	b = append(b, '"')
	b = appendText(b, "method", a.Method)
	b = appendText(b, "endpoint", a.Endpoint)
	b = appendText(b, "path", a.Path)
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(a.Status), 10)
	b = append(b, `,"bytes":`...)
	b = strconv.AppendInt(b, a.Bytes, 10)
	b = append(b, `,"ms":`...)
	b = strconv.AppendFloat(b, a.millis(), 'f', -1, 64)
	b = appendText(b, "client", a.Client)
	for _, f := range a.rest() {
		if f.value != "" {
			b = appendText(b, f.name, f.value)
		}
	}
	return b
}

func appendText(b []byte, name, value string) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":`...)
	b, _ = jsontext.AppendQuote(b, value) // what is no UTF-8 is replaced
	return b
}

func (a *Access) millis() float64 { return float64(a.Took.Microseconds()) / 1000 }

type named struct{ name, value string }

func (a *Access) rest() [4]named {
	return [...]named{{"subject", a.Subject}, {"degraded", a.Degraded}, {"fault", a.Fault}, {"error", a.Error}}
}

func (a *Access) attrs() []slog.Attr {
	attrs := []slog.Attr{
		slog.String("request_id", a.RequestID), slog.String("trace_id", a.Trace.ID()),
		slog.String("method", a.Method), slog.String("endpoint", a.Endpoint), slog.String("path", a.Path),
		slog.Int("status", a.Status), slog.Int64("bytes", a.Bytes), slog.Float64("ms", a.millis()),
		slog.String("client", a.Client),
	}
	for _, f := range a.rest() {
		if f.value != "" {
			attrs = append(attrs, slog.String(f.name, f.value))
		}
	}
	return attrs
}
