package observe_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/facet-bff/facet/shared/observe"
)

func TestBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		buffer := observe.NewBuffer(&out, 100*time.Millisecond)
		log := observe.NewLogger(buffer, observe.Config{}, "bff-web")
		logged := func() string {
			synctest.Wait()
			defer out.Reset()
			var messages []string
			for line := range strings.Lines(out.String()) {
				_, rest, _ := strings.Cut(line, `"msg":"`)
				message, _, _ := strings.Cut(rest, `"`)
				messages = append(messages, message)
			}
			return strings.Join(messages, " ")
		}
		log.Info("one")
		log.Info("two")
		if got := logged(); got != "" {
			t.Errorf("%s was not held back", got)
		}
		time.Sleep(100 * time.Millisecond)
		if got := logged(); got != "one two" {
			t.Errorf("after a moment there is %q", got)
		}
		log.Info("three")
		log.WithGroup("g").With("k", "v").Warn("four")
		if got := logged(); got != "three four" {
			t.Errorf("after a warning there is %q", got)
		}
		log.Info("five")
		if err := buffer.Flush(); err != nil || logged() != "five" {
			t.Errorf("flush: %v", err)
		}
		log.Info(strings.Repeat("x", 64<<10))
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
