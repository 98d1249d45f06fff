package chaos_test

import (
	"fmt"
	"strings"
	"sync"
)

// A line is what the table shows of one scenario.
type line struct {
	fault, endpoint, status, degraded, time, calls string

	wrong []string // empty: it is as it must be
}

// A table is safe for concurrent use.
type table struct {
	mu    sync.Mutex
	lines []line
}

var report table

func (t *table) add(l line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, l)
}

func (t *table) markdown() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	b.WriteString("| fault | endpoint | status | degraded | time / budget | calls / allowed | |\n|---|---|---|---|---|---|---|\n")
	broken := 0
	for _, l := range t.lines {
		verdict := "ok"
		if len(l.wrong) > 0 {
			verdict = "**" + strings.Join(l.wrong, "; ") + "**"
			broken++
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", l.fault, l.endpoint, l.status, l.degraded, l.time, l.calls, verdict)
	}
	fmt.Fprintf(&b, "\n%d rows, %d broken\n", len(t.lines), broken)
	return b.String()
}
