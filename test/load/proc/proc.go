// Package proc reads what Linux says of processes and of the machine. On other systems
// everything is an error, or unknown.
package proc

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc's times: USER_HZ is 100 wherever Go runs.
const tick = 10 * time.Millisecond

// A Stat is what /proc/PID/stat says, of which this is a part.
type Stat struct {
	PID, Parent int
	CPU         time.Duration // user and system, of all threads, also of those that ended
}

// parseStat reads a line as proc_pid_stat(5) describes it. The name of the program stands
// in parentheses and may have any character in it.
func parseStat(line string) (s Stat, err error) {
	pid, rest, ok := strings.Cut(line, " (")
	end := strings.LastIndexByte(rest, ')')
	if !ok || end < 0 {
		return s, fmt.Errorf("%q is not a process's stat", line)
	}
	fields := strings.Fields(rest[end+1:]) // from the third on
	if len(fields) < 13 {
		return s, fmt.Errorf("%q is too short for a process's stat", line)
	}
	var numbers [4]int
	for i, text := range []string{pid, fields[4-3], fields[14-3], fields[15-3]} {
		if numbers[i], err = strconv.Atoi(text); err != nil {
			return s, fmt.Errorf("a process's stat: %w", err)
		}
	}
	return Stat{PID: numbers[0], Parent: numbers[1], CPU: time.Duration(numbers[2]+numbers[3]) * tick}, nil
}

// A Tree is a process and its descendants, of one moment.
type Tree []int

// NewTree finds the descendants of a process.
func NewTree(pid int) Tree {
	children := map[int][]int{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is valid
	for _, file := range files {
		if s, err := readStat(file); err == nil { // it may just have ended
			children[s.Parent] = append(children[s.Parent], s.PID)
		}
	}
	tree := Tree{pid}
	for i := 0; i < len(tree); i++ {
		tree = append(tree, children[tree[i]]...)
	}
	return tree
}

func readStat(file string) (Stat, error) {
	line, err := os.ReadFile(file)
	if err != nil {
		return Stat{}, err
	}
	return parseStat(string(line))
}

// CPU is the time that the processes have used, in steps of 10 ms.
func (t Tree) CPU() (sum time.Duration, err error) {
	for _, pid := range t {
		s, err := readStat(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0, err
		}
		sum += s.CPU
	}
	return sum, nil
}

// ForgetPeak lets Peak begin anew. Where that is not allowed, Peak is since the start.
func (t Tree) ForgetPeak() {
	for _, pid := range t {
		_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
	}
}

// Peak is the most memory that was resident, summed over the processes, in bytes.
func (t Tree) Peak() (sum int64, err error) {
	for _, pid := range t {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			return 0, err
		}
		peak, err := parsePeak(string(status))
		if err != nil {
			return 0, err
		}
		sum += peak
	}
	return sum, nil
}

func parsePeak(status string) (int64, error) {
	text, ok := value(status, "VmHWM")
	if !ok {
		return 0, fmt.Errorf("a process's status has no VmHWM: %.80q", status)
	}
	kib, err := strconv.ParseInt(strings.TrimSuffix(text, " kB"), 10, 64)
	return kib << 10, err
}

// value finds the first line "name: value" of a text.
func value(text, name string) (string, bool) {
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}
