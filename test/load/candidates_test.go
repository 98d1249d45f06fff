package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/facet-bff/facet/test/load/scenario"
)

func TestCandidatesServeScenarios(t *testing.T) {
	addresses := map[string]bool{}
	for _, c := range candidates("bin", "dir") {
		for _, name := range c.serves {
			if !slices.Contains(scenario.Names(), name) {
				t.Errorf("%s serves %s, which is no scenario", c.name, name)
			}
		}
		if addresses[c.address] {
			t.Errorf("%s shares the address %s", c.name, c.address)
		}
		addresses[c.address] = true
	}
}

func TestConfigurePeers(t *testing.T) {
	dir := t.TempDir()
	if err := configurePeers(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"nginx.conf": "pid " + dir + "/nginx.pid;", "haproxy.cfg": `"` + dir + `/RS256.pem"`} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), want) || strings.Contains(string(text), "{{") {
			t.Errorf("%s has no %s, or something left to fill in:\n%s", name, want, text)
		}
	}
}

func TestChoose(t *testing.T) {
	all := []candidate{
		{name: "there", command: []string{os.Args[0]}},
		{name: "program", command: []string{"no-such-program-anywhere"}},
		{name: "nothing"},
		{name: "unbuilt", command: []string{filepath.Join("no", "such", "binary")}},
	}
	var log strings.Builder
	chosen, err := choose(all[:3], nil, &log)
	if err != nil || len(chosen) != 2 || chosen[0].name != "there" || chosen[1].name != "nothing" {
		t.Errorf("got %v, %v", chosen, err)
	}
	if !strings.HasPrefix(log.String(), "program is not installed") {
		t.Errorf("it says %q", &log)
	}
	if chosen, err = choose(all, []string{"nothing"}, &log); err != nil || len(chosen) != 1 {
		t.Errorf("only nothing: %v, %v", chosen, err)
	}
	if _, err = choose(all, nil, &log); err == nil || !strings.Contains(err.Error(), "unbuilt is not built") {
		t.Errorf("got %v", err)
	}
	if _, err = choose(all, []string{"nobody"}, &log); err == nil || !strings.Contains(err.Error(), `"nobody"`) {
		t.Errorf("got %v", err)
	}
}

func TestOthersMayPassThroughTheDirectory(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir, err := newDirectory()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o711 {
		t.Errorf("%v, %v", info, err)
	}
}
