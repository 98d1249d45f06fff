package main

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test's binary be the command itself.
func TestMain(m *testing.M) {
	if os.Getenv("BE_THE_SHOP") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	shop := exec.CommandContext(ctx, os.Args[0], args...)
	shop.Env = append(os.Environ(), "BE_THE_SHOP=1")
	return shop
}

// freeOffset finds one that moves users (7001) to a free port.
func freeOffset(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port - 7001)
}

func TestRunsUntilTerminated(t *testing.T) {
	offset := freeOffset(t)
	shop := command(t, "-only", "users", "-offset", offset)
	log, err := shop.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shop.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(log).ReadString('\n')
	if err != nil || !strings.Contains(line, "shop is ready servers=1") {
		t.Errorf("first line %q, %v", line, err)
	}
	second, err := command(t, "-only", "users", "-offset", offset).CombinedOutput()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 1 || !strings.Contains(string(second), "users: listen tcp") {
		t.Errorf("second shop on the port: %v, %s", err, second)
	}
	began := time.Now()
	if err := shop.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := shop.Wait(); err != nil {
		t.Errorf("exit: %v", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("stopping took %v", took)
	}
}
