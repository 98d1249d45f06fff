package e2e_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// runGateway runs a gateway that is expected to end by itself.
func runGateway(t *testing.T, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(binaries, "bff-mobile"), args...)
	command.Env = append([]string{"GORACE=" + os.Getenv("GORACE")}, env...)
	var out, wrong bytes.Buffer
	command.Stdout, command.Stderr = &out, &wrong
	err := command.Run()
	if exit, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		t.Fatal(err)
	} else if failed {
		code = exit.ExitCode()
	}
	return code, out.String(), wrong.String()
}

func TestBadConfigurationIsReportedAtOnce(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	text := `server:
  addr: 127.0.0.1:8081
  drain: {delay: 5}
services:
  catalog:
    url: not a url
    timeout: {default: -1s}
  pricing:
    limit: {concurrent: many}
observe:
  log_format: xml
routes:
  - name: assets
    service: catalog
    match: {path: /a, prefix: /b}
`
	if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := runGateway(t, nil, "-config", bad)
	if code != 2 {
		t.Errorf("exit code %d, want 2", code)
	}
	for _, want := range []string{
		"bad.yaml:2:3: server.addr: ", "bad.yaml:3:18: server.drain.delay: ", "bad.yaml:6:10: services.catalog.url: ",
		"bad.yaml:7:24: services.catalog.timeout.default: ", "bad.yaml:9:25: services.pricing.limit.concurrent: ",
		"bad.yaml:11:15: observe.log_format: ", "bad.yaml:13:5: routes[0]: ",
	} {
		if !slices.ContainsFunc(strings.Split(stderr, "\n"), func(line string) bool {
			return strings.Contains(line, want) && strings.HasPrefix(line, bad)
		}) {
			t.Errorf("no line has %q:\n%s", want, stderr)
		}
	}
}

func TestConfigurationThatCannotWork(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	lacking := filepath.Join(t.TempDir(), "lacking.yaml")
	if err := os.WriteFile(lacking, []byte("services: {pricing: ~}\nidentity: ~\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		env  []string
		args []string
		want []string
	}{
		{"unknown variable", []string{"FACET_SERVICES__CATALOGUE_URL=http://c"}, nil, []string{"FACET_SERVICES__CATALOGUE_URL"}},
		{
			"variables with wrong values", []string{"FACET_SERVER__ADDRESS=", "FACET_CACHE__MAX=much", "FACET_SERVER__DRAIN__DELAY=5"},
			nil, []string{"FACET_SERVER__ADDRESS", "FACET_SERVER__DRAIN__DELAY"},
		},
		{"missing file", nil, []string{"-config", missing}, []string{missing}},
		{"unknown flag", nil, []string{"-conifg", missing}, []string{"-conifg"}},
		{"a service and identity that endpoints need", nil, []string{"-config", lacking}, []string{
			"services.pricing", "GET /v1/products/{sku}", "identity", "GET /v1/home",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, _, stderr := runGateway(t, test.env, test.args...)
			if code != 2 {
				t.Errorf("exit code %d, want 2", code)
			}
			for _, want := range test.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("no %q in\n%s", want, stderr)
				}
			}
		})
	}
}

func TestCheckOfGoodConfiguration(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good.yaml")
	if err := os.WriteFile(good, []byte("services: {catalog: {timeout: {default: 300ms}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-check"}, {"-check", "-config", good}} {
		if code, stdout, stderr := runGateway(t, nil, args...); code != 0 || !strings.Contains(stdout, "valid") || stderr != "" {
			t.Errorf("%v: exit code %d\n%s%s", args, code, stdout, stderr)
		}
	}
}

func TestPortInUse(t *testing.T) {
	mobile := start(t, "bff-mobile")
	address := strings.TrimPrefix(mobile.url, "http://")
	code, stdout, _ := runGateway(t, []string{"FACET_SERVER__ADDRESS=" + address})
	if code != 1 || !strings.Contains(stdout, "server.address") || !strings.Contains(stdout, address) {
		t.Errorf("exit code %d:\n%s", code, stdout)
	}
}
