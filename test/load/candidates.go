package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"text/template"

	"github.com/facet-bff/facet/test/load/scenario"
)

// A candidate is a gateway, or what stands for one.
type candidate struct {
	name    string
	address string
	serves  []string          // scenarios
	command []string          // empty: nothing is started, and no CPU is counted
	prefix  string            // of the paths that it is asked for
	instead map[string]string // by scenario: the path to ask for, and an answer that is not compared
}

// candidates are all that is measured. dir has the keys and gets everybody's files.
func candidates(bin, dir string) []candidate {
	return []candidate{
		{
			name: "naive", address: "127.0.0.1:18110", serves: scenario.Names(),
			command: []string{filepath.Join(bin, "naive"), "-keys", dir},
		},
		{
			name: "facet", address: "127.0.0.1:18120", serves: scenario.Names(),
			command: []string{filepath.Join(bin, "facet")},
		},
		{
			// The same program, asked for views whose parts are passed on as bytes.
			name: "facet-shape", address: "127.0.0.1:18122", prefix: "/shape", serves: []string{"S2", "S2d", "S7-1", "S7-16"},
			command: []string{"env", "FACET_SERVER__ADDRESS=127.0.0.1:18122", "FACET_MANAGEMENT__ADDRESS=127.0.0.1:18123", filepath.Join(bin, "facet")},
		},
		{
			// What HTTP costs in Go without any of it: nobody's gateway, but a floor to see.
			name: "bare", address: "127.0.0.1:18112", serves: []string{"S0", "S1", "S2", "S2d", "S3", "S7-1", "S7-16"},
			command: []string{filepath.Join(bin, "bare")},
		},
		{
			name: "nginx", address: "127.0.0.1:18102", serves: []string{"S0", "S1", "S3", "S5"},
			command: []string{"nginx", "-e", filepath.Join(dir, "nginx.error.log"), "-c", filepath.Join(dir, "nginx.conf")},
		},
		{
			name: "haproxy", address: "127.0.0.1:18103", serves: []string{"S1", "S4", "S4-first", "S4-es", "S5"},
			command: []string{"haproxy", "-db", "-f", filepath.Join(dir, "haproxy.cfg")},
		},
		{
			// No gateway at all: the slowest backend of S2, for what a gateway adds to it.
			name: "direct", address: "127.0.0.1:19502", serves: []string{"S2d", "S2t"},
			instead: map[string]string{"S2d": "/d5/orders/{id}", "S2t": "/t5/orders/{id}"},
		},
	}
}

// peers are the configurations of the candidates that are not ours, as templates.
//
//go:embed peers/*
var peers embed.FS

// configurePeers writes their configurations to dir.
func configurePeers(dir string) error {
	all, err := template.ParseFS(peers, "peers/*")
	if err != nil {
		return err
	}
	for _, t := range all.Templates() {
		file, err := os.Create(filepath.Join(dir, t.Name()))
		if err != nil {
			return err
		}
		if err := errors.Join(t.Execute(file, map[string]string{"Dir": dir}), file.Close()); err != nil {
			return err
		}
	}
	return nil
}

// choose keeps the candidates that were asked for and can be started. Our own are never
// left out silently.
func choose(all []candidate, only []string, log io.Writer) (chosen []candidate, err error) {
	for _, name := range only {
		if !slices.ContainsFunc(all, func(c candidate) bool { return c.name == name }) {
			return nil, fmt.Errorf("there is no candidate %q", name)
		}
	}
	for _, c := range all {
		if len(only) > 0 && !slices.Contains(only, c.name) {
			continue
		}
		if len(c.command) > 0 {
			_, err := exec.LookPath(c.command[0])
			switch {
			case err != nil && filepath.Base(c.command[0]) == c.command[0]:
				_, _ = fmt.Fprintf(log, "%s is not installed and is left out (make bench-deps installs it)\n", c.name)
				continue
			case err != nil:
				return nil, fmt.Errorf("%s is not built (make bench builds it): %w", c.name, err)
			}
		}
		chosen = append(chosen, c)
	}
	return chosen, nil
}

// in is the scenario as the candidate is asked for it.
func (c candidate) in(s scenario.Scenario) (asked scenario.Scenario, compared bool) {
	if path, ok := c.instead[s.Name]; ok {
		s.Path = path
		return s, false
	}
	s.Path = c.prefix + s.Path
	return s, true
}
