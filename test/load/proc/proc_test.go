package proc

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	for line, want := range map[string]Stat{
		"42 (gateway) S 7 42 42 0 -1 4194560 1 0 0 0 120 30 0 0 20 0 9": {42, 7, 1500 * time.Millisecond},
		"9 (a) b (c)) R 1 9 9 0 -1 0 0 0 0 0 1 2 999 999 20 0 1":        {9, 1, 30 * time.Millisecond},
	} {
		if got, err := parseStat(line); err != nil || got != want {
			t.Errorf("%q: got %+v, %v", line, got, err)
		}
	}
	for _, line := range []string{"", "42", "42 (x", "42 (x) S 1", "42 (x) S a 42 42 0 -1 0 0 0 0 0 120 30", "42 (x) S 1 42 42 0 -1 0 0 0 0 0 x 30"} {
		if got, err := parseStat(line); err == nil {
			t.Errorf("%q is read as %+v", line, got)
		}
	}
}

func TestParsePeak(t *testing.T) {
	got, err := parsePeak("Name:\tgateway\nVmPeak:\t  9 kB\nVmHWM:\t   2048 kB\nVmRSS:\t 1 kB\n")
	if err != nil || got != 2<<20 {
		t.Errorf("got %d, %v", got, err)
	}
	for _, status := range []string{"", "Name:\tgateway\n", "VmHWM:\tmuch\n"} {
		if _, err := parsePeak(status); err == nil {
			t.Errorf("%q is read", status)
		}
	}
}

func TestParseBusy(t *testing.T) {
	got, err := parseBusy("cpu  1 2 3 1000 1000 4 5 6 0 0\ncpu0 9 9 9 9 9 9 9\n")
	if err != nil || got != 150*time.Millisecond {
		t.Errorf("got %v, %v", got, err)
	}
	for _, stat := range []string{"", "cpu 1 2 3\n", "cpu0 1 2 3 4 5 6 7\n", "cpu 1 2 x 4 5 6 7\n"} {
		if _, err := parseBusy(stat); err == nil {
			t.Errorf("%q is read", stat)
		}
	}
}

// A shell that waits for a child is a tree of two.
func TestTree(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // there is no /proc
	}
	cmd := exec.Command("sh", "-c", "echo started; cat; :")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close(); _ = cmd.Wait() }()
	tree := NewTree(cmd.Process.Pid)
	for deadline := time.Now().Add(5 * time.Second); len(tree) < 2 && time.Now().Before(deadline); tree = NewTree(cmd.Process.Pid) {
		time.Sleep(5 * time.Millisecond)
	}
	if len(tree) != 2 || tree[0] != cmd.Process.Pid || !slices.Contains(NewTree(os.Getpid()), tree[1]) {
		t.Fatalf("got %v", tree)
	}
	tree.ForgetPeak()
	if peak, err := tree.Peak(); err != nil || peak < 100<<10 {
		t.Errorf("peak %d, %v", peak, err)
	}
	if _, err := tree.CPU(); err != nil {
		t.Error(err)
	}
}

func TestCPUGrowsWithWork(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // there is no /proc
	}
	self := Tree{os.Getpid()}
	before, err := self.CPU()
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; {
		after, err := self.CPU()
		if err != nil {
			t.Fatal(err)
		}
		if after > before {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("five seconds of work, and CPU is still %v", after)
		}
	}
	if busy, err := Busy(); err != nil || busy < before {
		t.Errorf("the machine was busy for %v, this process for %v; %v", busy, before, err)
	}
}

func TestThisMachine(t *testing.T) {
	m := ThisMachine()
	if m.Cores < 1 || !strings.HasPrefix(m.Go, "go") || m.CPU == "" || m.Kernel == "" {
		t.Errorf("%+v", m)
	}
}
