package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/test/load/scenario"
)

// A running gateway is the candidate as a process.
type running struct {
	public, management string // URLs
	client             *http.Client
}

// startProcess builds the candidate without the race detector, and runs it in front of the
// backends until the test ends.
func startProcess(t *testing.T, backends string) running {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "facet")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-race=false", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	public, management := freeAddress(t), freeAddress(t)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = append(os.Environ(), environment(t, backends, public, management)...)
	var wrong bytes.Buffer
	cmd.Stderr, cmd.WaitDelay = &wrong, 5*time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		stop()
		t.Fatal(err)
	}
	g := running{"http://" + public, "http://" + management, &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: 5 * time.Second}}
	t.Cleanup(func() {
		g.client.CloseIdleConnections()
		stop()
		_ = cmd.Wait() // it was told to end
		if t.Failed() {
			t.Logf("the gateway says: %s", &wrong)
		}
	})
	g.waitReady(t)
	return g
}

// environment leads the candidate away from the ports of its facet.yaml.
func environment(t *testing.T, backends, public, management string) []string {
	t.Helper()
	config, err := gateway.Load(Gateway, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	env := []string{
		"GODEBUG=memprofilerate=0", // the profile that mallocs asks for is empty, and costs next to nothing
		"FACET_SERVER__ADDRESS=" + public, "FACET_MANAGEMENT__ADDRESS=" + management,
		"FACET_IDENTITY__JWKS_URL=http://" + backends + "/jwks",
	}
	for name := range config.Services {
		env = append(env, fmt.Sprintf("FACET_SERVICES__%s__URL=http://%s", strings.ToUpper(name), backends))
	}
	return env
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (g running) waitReady(t *testing.T) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, err = g.get(t.Context(), g.management+"/readyz", ""); err == nil {
			return
		}
	}
	t.Fatalf("the gateway is not ready: %v", err)
}

// ask sends count requests, one after the other over one connection.
func (g running) ask(t *testing.T, requests []scenario.Request, count int) {
	t.Helper()
	for i := range count {
		r := requests[i%len(requests)]
		if _, err := g.get(t.Context(), g.public+r.Target, r.Token); err != nil {
			t.Fatal(err)
		}
	}
}

// mallocs is how many objects the gateway has allocated since its start. The runtime counts
// some only when it collects garbage, which is therefore asked for first.
func (g running) mallocs(t *testing.T) float64 {
	t.Helper()
	if _, err := g.get(t.Context(), g.management+"/debug/pprof/heap?gc=1", ""); err != nil {
		t.Fatal(err)
	}
	metrics, err := g.get(t.Context(), g.management+"/metrics", "")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(metrics) {
		if text, ok := strings.CutPrefix(line, "go_memstats_mallocs_total "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("there is no go_memstats_mallocs_total in\n%s", metrics)
	return 0
}

func (g running) get(ctx context.Context, url, token string) (body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := g.client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: status %d: %.200s", url, res.StatusCode, text)
	}
	return string(text), err
}
