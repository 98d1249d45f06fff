package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

var (
	//go:embed package.json
	manifest []byte
	//go:embed package-lock.json
	lock []byte
)

// A suite is the installed package.
type suite struct{ dir string }

// install has npm install what the lock file pins, unless it is there already.
func install(ctx context.Context, dir string) (suite, error) {
	s := suite{filepath.Join(dir, "node_modules", "http-cache-tests")}
	installed, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if _, missing := os.Stat(s.dir); err == nil && missing == nil && string(installed) == string(lock) {
		return s, nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return suite{}, err
	}
	for name, content := range map[string][]byte{"package.json": manifest, "package-lock.json": lock} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return suite{}, err
		}
	}
	npm := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		return suite{}, fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return s, nil
}

// node is a command in the suite's directory, with what npm would have set of its settings.
func (s suite) node(ctx context.Context, args []string, settings ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "node", append([]string{"--no-warnings"}, args...)...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "npm_package_config_id=")
	for _, setting := range settings {
		cmd.Env = append(cmd.Env, "npm_config_"+setting)
	}
	cmd.WaitDelay = time.Second
	return cmd
}

// A group is a group of tests.
type group struct {
	ID    string `json:"id"`
	Tests []test `json:"tests"`
}

type test struct {
	ID        string   `json:"id"`
	Kind      string   `json:"kind"` // empty is required
	DependsOn []string `json:"depends_on"`
}

const listTests = `
import groups from './tests/index.mjs'
import surrogate from './tests/surrogate-control.mjs'
process.stdout.write(JSON.stringify([...groups, surrogate]))`

func (s suite) groups(ctx context.Context) (groups []group, err error) {
	out, err := s.node(ctx, []string{"--input-type=module", "-e", listTests}).Output()
	if err != nil {
		return nil, said(err)
	}
	return groups, json.Unmarshal(out, &groups)
}

// said adds what a command wrote to its failure.
func said(err error) error {
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("%w: %s", err, failed.Stderr)
	}
	return err
}

// loopback keeps the suite's server from listening on every interface.
const loopback = `data:text/javascript,import net from "node:net";` +
	`const listen = net.Server.prototype.listen;` +
	`net.Server.prototype.listen = function (port) { return listen.call(this, port, "127.0.0.1") }`

// An origin is the suite's server, a process.
type origin struct {
	url string
	cmd *exec.Cmd
}

// serve starts the suite's server on a free port.
func (s suite) serve(ctx context.Context) (*origin, error) {
	cmd := s.node(ctx, []string{"--import", loopback, "server/server.mjs"}, "protocol=http", "port=0", "pidfile="+os.DevNull)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	o := &origin{cmd: cmd}
	lines := bufio.NewReader(out)
	for o.url == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			o.stop()
			return nil, fmt.Errorf("it ended: %w", err)
		}
		if _, at, ok := strings.Cut(strings.TrimSpace(line), "Listening on "); ok {
			o.url = strings.TrimSuffix(at, "/")
		}
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // until it has stopped
	return o, nil
}

func (o *origin) stop() {
	_ = o.cmd.Process.Kill()
	_ = o.cmd.Wait()
}

// A result is true, or the kind of failure and what it says.
type result struct {
	passed     bool
	kind, says string
}

func (r *result) UnmarshalJSON(b []byte) error {
	if string(b) == "true" {
		r.passed = true
		return nil
	}
	var parts []string
	if err := json.Unmarshal(b, &parts); err != nil || len(parts) < 2 {
		return fmt.Errorf("%s is no result of a test", b)
	}
	r.kind, r.says = parts[0], parts[1]
	return nil
}

// run runs all tests against base.
func (s suite) run(ctx context.Context, base string) (results map[string]result, err error) {
	out, err := s.node(ctx, []string{"cli.mjs"}, "base="+base).Output()
	if err != nil {
		return nil, said(err)
	}
	if err := json.Unmarshal(out, &results); err != nil {
		return nil, fmt.Errorf("%w: %.200s", err, out)
	}
	return results, nil
}
