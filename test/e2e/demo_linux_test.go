package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// A part that ends by itself ends the demo, which says what it said last.
func TestDemoStopsWithItsParts(t *testing.T) {
	d := startDemo(t)
	d.waitReady(t)
	kill(t, childOf(t, d.Process.Pid, "bff-web"))
	d.end(t)
	if code, printed := d.ProcessState.ExitCode(), d.printed(t); code != 1 || !strings.Contains(printed, "demo: bff-web has ended with exit code -1") ||
		!strings.Contains(printed, `"msg":"ready","gateway":"bff-web"`) {
		t.Errorf("exit code %d:\n%s", code, printed)
	}
}

// Even a demo that is killed leaves nothing running.
func TestKilledDemoLeavesNothing(t *testing.T) {
	d := startDemo(t)
	d.waitReady(t)
	kill(t, d.Process.Pid)
	d.end(t)
}

// childOf finds the child of a process that runs a program.
func childOf(t *testing.T, parent int, program string) int {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		children, err := os.ReadFile(task)
		if err != nil {
			t.Fatal(err)
		}
		for id := range strings.FieldsSeq(string(children)) {
			if line, err := os.ReadFile("/proc/" + id + "/comm"); err == nil && strings.TrimSpace(string(line)) == program {
				pid, err := strconv.Atoi(id)
				if err != nil {
					t.Fatal(err)
				}
				return pid
			}
		}
	}
	t.Fatalf("process %d has no child %s", parent, program)
	return 0
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
