// Package redistest runs a Redis for tests and for the demo: the real one from the PATH or,
// where there is none, one inside the process, which it says in one line. With CI=true there
// must be the real one.
//
//	server := redistest.Start(t)
//	client, err := redis.Open(&redis.Config{URL: server.URL, ...}, ...)
package redistest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// A Server is a Redis on a port of its own, which keeps nothing on disk.
type Server struct {
	Address, URL string

	// Args are more arguments of redis-server, from the next Restart on.
	Args []string

	dir     string
	process *exec.Cmd            // nil: inside is used
	inside  *miniredis.Miniredis // nil: process is used
}

// Start starts a Redis that is stopped at the end of the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := Launch(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Eventually waits for what comes soon.
func Eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for began := time.Now(); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// Launch starts a Redis that has the directory dir to itself. Stop it when nobody uses it
// any more.
func Launch(dir string) (*Server, error) {
	s := &Server{dir: dir}
	if err := s.choose(); err != nil {
		return nil, err
	}
	s.URL = "redis://" + s.Address
	return s, nil
}

// choose starts what there is on a port that nobody has. Between finding one and using it
// somebody else may take it.
func (s *Server) choose() (err error) {
	for range 5 {
		if s.Address, err = freeAddress(); err != nil {
			return err
		}
		if err = s.Restart(); err == nil || errors.Is(err, errMissing) {
			return err
		}
	}
	return err
}

func freeAddress() (string, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

var errMissing = errors.New("redis-server is not on the PATH: apt-get install redis-server")

// Restart starts a Redis that has been killed anew at the same address, empty unless it was told
// to SAVE.
func (s *Server) Restart() error {
	binary, err := exec.LookPath("redis-server")
	switch {
	case err == nil:
		return s.start(binary)
	case os.Getenv("CI") == "true":
		return errMissing
	}
	fmt.Fprintln(os.Stderr, "redis-server is not on the PATH: miniredis stands in for it.")
	s.inside = miniredis.NewMiniRedis()
	return s.inside.StartAddr(s.Address)
}

func (s *Server) start(binary string) error {
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil {
		return err
	}
	args := append([]string{
		"--bind", host, "--port", port, "--dir", s.dir, "--save", "", "--appendonly", "no", "--daemonize", "no",
		"--repl-diskless-sync-delay", "0",
	}, s.Args...)
	s.process = exec.CommandContext(context.Background(), binary, args...)
	return s.launch()
}

// launch starts the process, and waits until it is this very one that answers.
func (s *Server) launch() error {
	s.process.SysProcAttr = attributes()
	if err := s.process.Start(); err != nil {
		return err
	}
	if err := s.tells("process_id:"+strconv.Itoa(s.process.Process.Pid)+"\r", "INFO", "server"); err != nil {
		s.Kill()
		return err
	}
	return nil
}

// tells waits until what is wanted is in the answer to a command.
func (s *Server) tells(wanted string, command ...string) error {
	for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(5 * time.Millisecond) {
		if answer, err := s.Do(command...); err == nil && strings.Contains(answer, wanted) {
			return nil
		}
	}
	return fmt.Errorf("redis-server did not answer %q with %q within ten seconds", command, wanted)
}

// Do has Redis do a command, and returns what it answers, as it is written.
func (s *Server) Do(command ...string) (answer string, err error) {
	c, err := (&net.Dialer{Timeout: time.Second}).DialContext(context.Background(), "tcp", s.Address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(command))
	for _, word := range command {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := io.WriteString(c, b.String()); err != nil {
		return "", err
	}
	// Having nothing more to ask, it closes the connection behind the answer.
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		return "", err
	}
	all, err := io.ReadAll(c)
	return string(all), err
}

// Real reports whether it is a process of its own, which can do all that a Redis can.
func (s *Server) Real() bool { return s.process != nil }

// Freeze has it stand still, as kill -STOP does, until Thaw. It must be real.
func (s *Server) Freeze() error { return s.process.Process.Signal(syscall.SIGSTOP) }

// Thaw has it go on.
func (s *Server) Thaw() error { return s.process.Process.Signal(syscall.SIGCONT) }

// Kill ends it at once, as kill -9 does. What it held is gone.
func (s *Server) Kill() {
	if s.inside != nil {
		s.inside.Close()
		s.inside = nil
	}
	if s.process != nil {
		_ = s.process.Process.Kill() // it may have ended
		_ = s.process.Wait()         // with the signal
		s.process = nil
	}
}

// Stop ends it.
func (s *Server) Stop() { s.Kill() }

// FastForward lets time pass for what is kept, where time does not pass by itself.
func (s *Server) FastForward(d time.Duration) {
	if s.inside != nil {
		s.inside.FastForward(d)
		return
	}
	time.Sleep(d)
}
