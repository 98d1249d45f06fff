package e2e_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/demo/fleet"
	"github.com/facet-bff/facet/test/demo/stage"
)

// A demo is a process of the demo, with whatever it prints.
type demo struct {
	*exec.Cmd
	layout fleet.Layout
	out    string // the file
}

func startDemo(t *testing.T) *demo {
	t.Helper()
	bin := t.TempDir() // where the logs go
	for _, name := range append(fleet.Gateways(), "shop") {
		if err := os.Symlink(filepath.Join(binaries, name), filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	d := &demo{layout: stage.FreeLayout(layout + 100), out: filepath.Join(bin, "demo.log")}
	out, err := os.Create(d.out)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	d.Cmd = exec.Command(filepath.Join(binaries, "demo"), "-bin", bin, "-offset", strconv.Itoa(int(d.layout)))
	d.Env = append(os.Environ(), "FACET_SERVER__ADDRESS=127.0.0.1:1", "FACET_NONSENSE=1") // must not get through
	d.Stdout, d.Stderr = out, out
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = d.Process.Kill() // it may have ended
		_ = d.Wait()
		if t.Failed() {
			t.Log(d.printed(t))
		}
	})
	return d
}

func (d *demo) printed(t *testing.T) string {
	t.Helper()
	out, err := os.ReadFile(d.out)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func (d *demo) waitReady(t *testing.T) {
	t.Helper()
	eventually(t, "the demo is ready", func() bool { return strings.Contains(d.printed(t), "Ready after ") })
}

// end waits for the demo's end and checks that it left nothing running.
func (d *demo) end(t *testing.T) {
	t.Helper()
	began := time.Now()
	_ = d.Wait() // ProcessState says how it ended
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %s", took)
	}
	eventually(t, "its ports are free", func() bool { return d.layout.Free() == nil })
}

func TestDemo(t *testing.T) {
	began := time.Now()
	d := startDemo(t)
	d.waitReady(t)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("ready after %s; 5s are promised on a machine that is not busy", took)
	}
	printed := d.printed(t)
	for _, name := range fleet.Shop() {
		if !strings.Contains(printed, d.layout.URL(name)+"\n") && !strings.Contains(printed, d.layout.URL(name)+" ") {
			t.Errorf("no URL of %s in\n%s", name, printed)
		}
	}
	for _, name := range fleet.Gateways() {
		if !strings.Contains(printed, d.layout.URL(name)+" ") || !strings.Contains(printed, d.layout.Management(name)+"\n") {
			t.Errorf("no URLs of %s in\n%s", name, printed)
		}
		if a := get(t, d.layout.Management(name)+"/readyz"); a.status != 200 {
			t.Errorf("%s: /readyz: status %d", name, a.status)
		}
	}
	d.pasteLines(t, printed)
	if err := d.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if d.end(t); d.ProcessState.ExitCode() != 0 {
		t.Errorf("exit code %d", d.ProcessState.ExitCode())
	}
}

var curl = regexp.MustCompile(`(?m)^curl .*$`)

// pasteLines checks the lines to paste: what they ask is asked here as well, since not
// every machine has curl.
func (d *demo) pasteLines(t *testing.T, printed string) {
	t.Helper()
	lines := curl.FindAllString(printed, -1)
	if len(lines) != 3 {
		t.Fatalf("%d lines begin with curl, want 3:\n%s", len(lines), printed)
	}
	l := d.layout
	for i, want := range [][]string{
		{l.URL("idp") + "/demo/token?user=u1", l.URL("bff-mobile") + "/v1/home"},
		{l.URL("control") + "/faults/promotions", `'{"status":503}'`, l.URL("idp") + "/demo/token?user=u3", l.URL("bff-mobile") + "/v1/home"},
		{l.Management("bff-mobile") + "/compositions/mobile.home"},
	} {
		if slices.ContainsFunc(want, func(part string) bool { return !strings.Contains(lines[i], part) }) {
			t.Errorf("%s\nlacks one of %q", lines[i], want)
		}
	}
	home := func(user string) answer {
		return get(t, l.URL("bff-mobile")+"/v1/home", bearer(get(t, l.URL("idp")+"/demo/token?user="+user).body))
	}
	if a := home("u1"); a.status != 200 || strings.Contains(a.degraded(), "promotions") || a.header.Get("Server-Timing") == "" {
		t.Errorf("the first line: status %d, %v", a.status, a.header)
	}
	send(t, "PUT", l.URL("control")+"/faults/promotions", jsonBody(`{"status":503}`))
	if a := home("u3"); a.status != 200 || !strings.Contains(a.degraded(), "promotions;reason=error") {
		t.Errorf("the second line: status %d, degraded %q", a.status, a.degraded())
	}
	if a := get(t, l.Management("bff-mobile")+"/compositions/mobile.home"); !strings.HasPrefix(a.body, "flowchart ") {
		t.Errorf("the third line: status %d: %s", a.status, a.body)
	}
}

func TestDemoNamesPortsInUse(t *testing.T) {
	l := stage.FreeLayout(layout + 200)
	listener, err := net.Listen("tcp", strings.TrimPrefix(l.URL("bff-admin"), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	command := exec.Command(filepath.Join(binaries, "demo"), "-bin", binaries, "-offset", strconv.Itoa(int(l)))
	out, err := command.CombinedOutput()
	if err == nil || command.ProcessState.ExitCode() != 1 || !bytes.Contains(out, []byte("(bff-admin)")) || bytes.Count(out, []byte("\n")) != 1 {
		t.Errorf("%v:\n%s", err, out)
	}
}
