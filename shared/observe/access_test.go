package observe_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/observe"
)

const traceID = "0af7651916cd43dd8448eb211c80319c"

func access() *observe.Access {
	return &observe.Access{
		RequestID: "r1", Trace: observe.ReadTrace(http.Header{"Traceparent": {"00-" + traceID + "-b7ad6b7169203331-01"}}), Method: "GET", Endpoint: "/v1/home", Path: "/v1/home", Status: 200,
		Bytes: 12, Took: 1234567 * time.Nanosecond, Client: "192.0.2.1",
	}
}

func TestAccessLog(t *testing.T) {
	var out bytes.Buffer
	log := observe.NewAccessLog(observe.NewBuffer(&out, 0), observe.Config{LogFormat: "json"}, "bff-web")
	hostile := access()
	hostile.Path, hostile.Subject, hostile.Degraded = "/a\"\n{\xff", "u1", "promo;reason=timeout"
	hostile.Level, hostile.Fault, hostile.Error = slog.LevelError, "error", "catalog: error"
	log.Write(access())
	log.Write(hostile)
	var lines []map[string]any
	for line := range strings.Lines(out.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		at, err := time.Parse(time.RFC3339Nano, fields["time"].(string))
		if err != nil || time.Since(at) > time.Minute {
			t.Errorf("the time is %v", fields["time"])
		}
		delete(fields, "time")
		lines = append(lines, fields)
	}
	plain := map[string]any{
		"level": "INFO", "msg": "request", "gateway": "bff-web", "request_id": "r1", "trace_id": traceID, "method": "GET",
		"endpoint": "/v1/home", "path": "/v1/home", "status": 200.0, "bytes": 12.0, "ms": 1.234, "client": "192.0.2.1",
	}
	failed := maps.Clone(plain)
	maps.Copy(failed, map[string]any{
		"level": "ERROR", "path": "/a\"\n{\ufffd", "subject": "u1", "degraded": "promo;reason=timeout",
		"fault": "error", "error": "catalog: error",
	})
	if !slices.EqualFunc(lines, []map[string]any{plain, failed}, maps.Equal) {
		t.Errorf("got %v", lines)
	}
}

// In either format the lines have the same fields.
func TestAccessLogAsText(t *testing.T) {
	var out bytes.Buffer
	log := observe.NewAccessLog(observe.NewBuffer(&out, 0), observe.Config{LogFormat: "text"}, "bff-web")
	log.Write(access())
	_, rest, _ := strings.Cut(out.String(), " ")
	const want = "level=INFO msg=request gateway=bff-web request_id=r1 trace_id=" + traceID + " method=GET endpoint=/v1/home path=/v1/home " +
		"status=200 bytes=12 ms=1.234 client=192.0.2.1\n"
	if rest != want {
		t.Errorf("got %s", rest)
	}
}

func TestAccessLogHasALevel(t *testing.T) {
	var out bytes.Buffer
	log := observe.NewAccessLog(observe.NewBuffer(&out, 0), observe.Config{LogLevel: slog.LevelError}, "bff-web")
	log.Write(access())
	if out.Len() > 0 {
		t.Errorf("logged %s", out.String())
	}
}
