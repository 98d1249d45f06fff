package fleet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// A Process is a program that has been started. Its methods are safe for concurrent use.
type Process struct {
	Name  string
	Log   string // the file that has what it prints
	Ready string // the URL that answers 200 once the program can be used; set before WaitReady

	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// Start starts a program, whose output goes to a new file in the directory logs. It gets no
// signals from the terminal, so that whoever started it decides when it stops, and where
// the system can arrange that, it does not outlive its parent.
func Start(p Program, logs string) (*Process, error) {
	name := filepath.Join(logs, p.Name+".log")
	log, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("the log of %s: %w", p.Name, err)
	}
	defer log.Close()                                                   // the process has its own
	cmd := exec.CommandContext(context.Background(), p.Path, p.Args...) // only Stop ends it
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = p.environ(), log, log, attributes()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.Name, err)
	}
	started := &Process{Name: p.Name, Log: name, Ready: p.Ready, cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(started.done)
		_ = cmd.Wait() // ExitCode says how it ended
	}()
	return started, nil
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// ExitCode waits for the end. It is -1 when a signal ended the process.
func (p *Process) ExitCode() int {
	<-p.done
	return p.cmd.ProcessState.ExitCode()
}

// Terminate asks the process to stop.
func (p *Process) Terminate() { _ = p.cmd.Process.Signal(syscall.SIGTERM) } // it may have ended

// Stop asks the process to stop and waits for its end. One that has not ended after the
// patience is killed, which is an error.
func (p *Process) Stop(patience time.Duration) error {
	p.Terminate()
	select {
	case <-p.done:
		return nil
	case <-time.After(patience):
	}
	_ = p.cmd.Process.Kill() // it may just have ended
	<-p.done
	return fmt.Errorf("%s did not stop within %s and was killed", p.Name, patience)
}

// WaitReady returns nil once the program can be used. It does not notice the end of the
// process, but that of ctx.
func (p *Process) WaitReady(ctx context.Context) error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		if answers(ctx, &client, p.Ready) {
			return nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", p.Name, context.Cause(ctx))
		}
	}
}

func answers(ctx context.Context, client *http.Client, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode == http.StatusOK
}

// Tail returns the last lines of the log.
func (p *Process) Tail(lines int) string {
	log, err := os.ReadFile(p.Log)
	if err != nil {
		return err.Error()
	}
	all := bytes.Split(bytes.TrimSpace(log), []byte("\n"))
	return string(bytes.Join(all[max(0, len(all)-lines):], []byte("\n")))
}
