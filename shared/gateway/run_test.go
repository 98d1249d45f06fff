package gateway_test

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

const services = "services: {users: {url: 'http://127.0.0.1:1'}, stock: {url: 'http://127.0.0.1:1'}}\n"

func TestExitCodes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bad.yaml")
	const mistakes = "server:\n  adress: x\n  write_timeout: soon\n" //nolint:misspell // one of the mistakes
	if err := os.WriteFile(file, []byte(mistakes), 0o600); err != nil {
		t.Fatal(err)
	}
	public := []endpoint.Endpoint[*backends]{getUser(access.Public), getNothing(access.Public)}
	slow := getNothing(access.Public, endpoint.Budget(time.Minute))
	for _, tt := range []struct {
		def           gateway.Definition[*backends]
		args, environ []string
		code          int
		says          []string
	}{
		{define(services, public...), []string{"-check"}, nil, 0, []string{"bff-test: the configuration is valid"}},
		{define(services, public...), []string{"-h"}, nil, 0, []string{"-config file", "-check"}},
		{define(services, public...), []string{"-port", "1"}, nil, 2, []string{"flag provided but not defined: -port"}},
		{define(services, public...), []string{"-check", "now"}, nil, 2, []string{`"now" is not a flag`}},
		{define(services, public...), []string{"-check", "-config", file + "x"}, nil, 2, []string{"bad.yamlx"}},
		{
			define(services, public...), []string{"-check", "-config", file}, []string{"FACET_ENDPOINTS__BUDGET=x"}, 2,
			[]string{"bad.yaml:2", "server.adress", "bad.yaml:3", "server.write_timeout", "FACET_ENDPOINTS__BUDGET"},
		},
		{
			define("routes: [{name: img, service: catalog, match: {prefix: /img/}, access: public}]", public...),
			[]string{"-check"}, nil, 2,
			[]string{
				`services.users: is required: GET /v1/users/{id} calls it in step "profile"`,
				`services.stock: is required: GET /v1/users/{id} calls it in step "stock"`, "services.catalog",
			},
		},
		{
			define(services, getUser(access.User), getNothing(access.Scope("x"))), []string{"-check"}, nil, 2,
			[]string{
				`identity: is required: GET /v1/users/{id} lets in "user" only`,
				`identity: is required: GET /v1/nothing lets in "scope x" only`,
			},
		},
		{
			define(services + "routes: [{name: img, service: users, match: {prefix: /img/}, access: user}]"), []string{"-check"}, nil, 2,
			[]string{`identity: is required: route img lets in "user" only`},
		},
		{
			define("", slow), []string{"-check"}, nil, 2,
			[]string{"server.write_timeout: must be more than the budget of GET /v1/nothing: 30s is not more than 1m0s"},
		},
		{
			define("", getNothing(access.Public)), []string{"-check"}, []string{"FACET_ENDPOINTS__BUDGET=30s"}, 2,
			[]string{"server.write_timeout: must be more than the budget of GET /v1/nothing: 30s is not more than 30s"},
		},
		{
			define("", slow), []string{"-check"}, []string{"FACET_SERVER__WRITE_TIMEOUT=61s"}, 0,
			[]string{"valid"},
		},
	} {
		var stdout, stderr bytes.Buffer
		code := gateway.Exit(tt.def, tt.args, tt.environ, &stdout, &stderr)
		out := stdout.String() + stderr.String()
		if code != tt.code {
			t.Errorf("%v %v: exit code %d, want %d: %s", tt.args, tt.environ, code, tt.code, out)
		}
		for _, want := range tt.says {
			if !strings.Contains(out, want) {
				t.Errorf("%v %v does not say %q:\n%s", tt.args, tt.environ, want, out)
			}
		}
	}
}

func TestPortsInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for variable, key := range map[string]string{
		"FACET_SERVER__ADDRESS": "server.address", "FACET_MANAGEMENT__ADDRESS": "management.address",
	} {
		var stdout, stderr bytes.Buffer
		code := gateway.Exit(define("", getNothing(access.Public)), nil, []string{variable + "=" + taken.Addr().String()}, &stdout, &stderr)
		if code != 1 || !strings.Contains(stdout.String(), key+": listen tcp") {
			t.Errorf("%s: exit code %d: %s%s", key, code, &stdout, &stderr)
		}
	}
}

// A gateway that is told to stop drains and exits with 0.
func TestSignal(t *testing.T) {
	log := &signalled{word: `"msg":"ready"`, seen: make(chan struct{})}
	code := make(chan int, 1)
	go func() {
		code <- gateway.Exit(define("", getNothing(access.Public)), nil, []string{"FACET_SERVER__DRAIN__DELAY=0s"}, log, log)
	}()
	select {
	case <-log.seen:
	case <-time.After(soon):
		t.Fatal("never ready")
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-code:
		if got != 0 {
			t.Errorf("exit code %d", got)
		}
	case <-time.After(soon):
		t.Fatal("it does not end")
	}
}

// A signalled log tells when a word is in it.
type signalled struct {
	word string
	seen chan struct{}
	once sync.Once
}

func (s *signalled) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(s.word)) {
		s.once.Do(func() { close(s.seen) })
	}
	return len(p), nil
}
