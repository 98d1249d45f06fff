package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/facet-bff/facet/test/load/proc"
)

// A process is a program that serves on an address.
type process struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	log    string        // the file that has what it prints
	ended  chan struct{} // closed when it has
}

const (
	startTimeout = 15 * time.Second
	stopTimeout  = 5 * time.Second
)

// start starts a program, and waits until it listens. Its output goes to a file in dir. It
// gets SIGTERM when ctx is done or it is stopped, and is killed if it does not end then.
func start(ctx context.Context, name, address, dir string, command ...string) (*process, error) {
	if l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address); err != nil {
		return nil, fmt.Errorf("%s: somebody else serves there: %w", name, err)
	} else if err := l.Close(); err != nil {
		return nil, err
	}
	p := &process{log: filepath.Join(dir, name+".log"), ended: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has its own
	ctx, p.cancel = context.WithCancel(ctx)
	p.cmd = exec.CommandContext(ctx, command[0], command[1:]...)
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.WaitDelay = log, log, stopTimeout
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	if err := p.cmd.Start(); err != nil {
		p.cancel()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // it was told to stop, or its log says why
	}()
	if err := p.awaitListening(ctx, address); err != nil {
		p.stop()
		return nil, fmt.Errorf("%s does not listen: %w\n%s", name, err, p.tail())
	}
	return p, nil
}

// stop ends the process and waits for its end.
func (p *process) stop() {
	p.cancel()
	<-p.ended
}

// tree is the process with its descendants.
func (p *process) tree() proc.Tree { return proc.NewTree(p.cmd.Process.Pid) }

// clearLog keeps the log of a gateway that logs every request from filling the disk.
func (p *process) clearLog() { _ = os.Truncate(p.log, 0) } // it is only larger then

// tail is the end of what it has printed.
func (p *process) tail() string {
	const most = 1000
	log, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(log[max(0, len(log)-most):]))
}

func (p *process) awaitListening(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-p.ended:
			return errors.New("it has ended")
		case <-time.After(20 * time.Millisecond):
		}
	}
}
