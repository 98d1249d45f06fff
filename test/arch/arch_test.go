// Package arch_test keeps the laws of the house. Each law reads the source of the whole
// repository and reports where it is broken; beside it stands a small tree that breaks
// it, so that no law can fall silent unnoticed.
//
// The files of other modules are invisible to go test's cache: run it with -count=1.
package arch_test

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// A law is checked over a tree.
type law struct {
	name   string
	remedy string // what to do about a finding
	check  func(*tree, report)
	broken string   // a tree that breaks the law, and keeps it where it looks alike
	want   []string // what is found in it
}

// A report takes a finding: where it is, and what is wrong there.
type report func(at, format string, args ...any)

// laws are grouped by file, one group for each thing that a reader may look for.
var laws = slices.Concat(importLaws, concurrencyLaws, sizeLaws, textLaws, packageLaws, moduleLaws)

func TestLaws(t *testing.T) {
	house := mustRead(t, os.DirFS("../.."))
	for _, l := range laws {
		t.Run(l.name, func(t *testing.T) {
			for _, finding := range l.findings(house) {
				t.Errorf("%s\n\tlaw %q: %s", finding, l.name, l.remedy)
			}
		})
	}
}

func TestLawsFindWhatBreaksThem(t *testing.T) {
	for _, l := range laws {
		t.Run(l.name, func(t *testing.T) {
			got := l.findings(mustRead(t, archive(l.broken)))
			if len(got) == 0 || !slices.Equal(got, l.want) {
				t.Errorf("found:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(l.want, "\n"))
			}
		})
	}
}

// TestTheHouseIsSeen guards against a wrong root, where every law would hold.
func TestTheHouseIsSeen(t *testing.T) {
	house := mustRead(t, os.DirFS("../.."))
	for _, name := range []string{"shared/go.mod", "compositions/go.mod", "test/go.mod"} {
		if !slices.ContainsFunc(house.modules, func(m *module) bool { return m.name == name }) {
			t.Errorf("%s was not read", name)
		}
	}
	if _, packages := house.packages("shared/"); len(packages["shared/fault"]) == 0 {
		t.Error("shared/fault was not read")
	}
}

// TestUnreadableGoIsAnError keeps a tree that does not parse from getting a verdict.
func TestUnreadableGoIsAnError(t *testing.T) {
	if _, err := readTree(archive("-- a.go --\npackage\n")); err == nil {
		t.Error("a file that does not parse was read")
	}
}

func (l law) findings(t *tree) []string {
	var found []string
	l.check(t, func(at, format string, args ...any) {
		found = append(found, at+": "+fmt.Sprintf(format, args...))
	})
	return found
}

func mustRead(t *testing.T, root fs.FS) *tree {
	t.Helper()
	house, err := readTree(root)
	if err != nil {
		t.Fatal(err)
	}
	return house
}

// archive makes files of "-- name --" lines and what follows each.
func archive(s string) fstest.MapFS {
	files := fstest.MapFS{}
	var name string
	for line := range strings.Lines(s) {
		if marker, ok := strings.CutPrefix(line, "-- "); ok {
			name = strings.TrimSuffix(marker, " --\n")
			files[name] = &fstest.MapFile{}
			continue
		}
		if f := files[name]; f != nil {
			f.Data = append(f.Data, line...)
		}
	}
	return files
}
