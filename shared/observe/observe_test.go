package observe_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLogger(t *testing.T) {
	for name, c := range map[string]struct {
		config observe.Config
		want   []string // in the log, of "debug", "info" and "error"
	}{
		"the zero Config": {observe.Config{}, []string{"info", "error"}},
		"debug":           {observe.Config{LogLevel: slog.LevelDebug, LogFormat: "json"}, []string{"debug", "info", "error"}},
		"error":           {observe.Config{LogLevel: slog.LevelError, LogFormat: "json"}, []string{"error"}},
	} {
		var out bytes.Buffer
		log := observe.NewLogger(&out, c.config, "bff-mobile")
		log.Debug("debug")
		log.Info("info")
		log.Error("error")
		var got []string
		for line := range strings.Lines(out.String()) {
			var record struct {
				Msg     string `json:"msg"`
				Gateway string `json:"gateway"`
			}
			if err := json.Unmarshal([]byte(line), &record); err != nil {
				t.Fatalf("%s: %q: %v", name, line, err)
			}
			if record.Gateway != "bff-mobile" {
				t.Errorf("%s: the gateway is missing in %s", name, line)
			}
			got = append(got, record.Msg)
		}
		if strings.Join(got, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: logged %v, want %v", name, got, c.want)
		}
	}
}

// What a client sends cannot begin a line of its own.
func TestLogIsOneLineEach(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		var out bytes.Buffer
		log := observe.NewLogger(&out, observe.Config{LogFormat: format}, "bff-web")
		log.Info("request", "path", "/a\nlevel=ERROR msg=forged")
		if n := strings.Count(out.String(), "\n"); n != 1 {
			t.Errorf("%s: %d lines: %s", format, n, out.String())
		}
		if isJSON := json.Valid(out.Bytes()); isJSON != (format == "json") {
			t.Errorf("%s: got %s", format, out.String())
		}
	}
}
