package observe_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/observe"
)

// A sink is what a Buffer writes to, from whichever goroutine.
type sink struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

// take returns what has been written, and forgets it.
func (s *sink) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.out.Reset()
	return s.out.String()
}

func TestBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out sink
		buffer := observe.NewBuffer(&out, 100*time.Millisecond)
		requests := observe.NewAccessLog(buffer, observe.Config{}, "bff-web")
		request := func(id string, level slog.Level) { requests.Write(&observe.Access{RequestID: id, Level: level}) }
		logged := func() string {
			synctest.Wait()
			var ids []string
			for line := range strings.Lines(out.take()) {
				_, rest, _ := strings.Cut(line, `"request_id":"`)
				id, _, _ := strings.Cut(rest, `"`)
				ids = append(ids, id)
			}
			return strings.Join(ids, " ")
		}
		request("one", slog.LevelInfo)
		request("two", slog.LevelInfo)
		if got := logged(); got != "" {
			t.Errorf("%s was not held back", got)
		}
		time.Sleep(100 * time.Millisecond)
		if got := logged(); got != "one two" {
			t.Errorf("after a moment there is %q", got)
		}
		request("three", slog.LevelInfo)
		request("four", slog.LevelError)
		if got := logged(); got != "three four" {
			t.Errorf("after an error there is %q", got)
		}
		request("five", slog.LevelInfo)
		observe.NewLogger(buffer, observe.Config{}, "bff-web").WithGroup("g").With("k", "v").Info("ready")
		if got := logged(); got != "five " {
			t.Errorf("after another line there is %q", got)
		}
		request("six", slog.LevelInfo)
		if err := buffer.Flush(); err != nil || logged() != "six" {
			t.Errorf("flush: %v", err)
		}
		request(strings.Repeat("x", 64<<10), slog.LevelInfo)
		if got := logged(); len(got) != 64<<10 {
			t.Errorf("%d bytes of too many to hold were sent", len(got))
		}
		time.Sleep(time.Second)
	})
}

func TestBufferTellsOfErrors(t *testing.T) {
	r, w := io.Pipe()
	_ = r.CloseWithError(io.ErrShortWrite)
	buffer := observe.NewBuffer(w, time.Hour)
	_, _ = buffer.Write([]byte("line\n"))
	if err := buffer.Flush(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
}
