package upstream

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"
)

const (
	delay  = 5 * time.Millisecond
	tail   = 50 * time.Millisecond
	tailIn = 100 // calls
)

// Port is the port of the service of that number, from 1 to Services.
func Port(service int) int { return 19500 + service }

// Listen opens all ports on the loopback interface.
func Listen(ctx context.Context) ([]net.Listener, error) {
	var listeners []net.Listener
	for service := range Services {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", Port(service+1)))
		if err != nil {
			for _, open := range listeners {
				err = errors.Join(err, open.Close())
			}
			return nil, fmt.Errorf("backends: %w", err)
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

// Serve answers on every listener until ctx is done; then it closes them and all
// connections, and returns when nothing runs any more.
func (b *Backends) Serve(ctx context.Context, listeners ...net.Listener) {
	var running sync.WaitGroup
	defer running.Wait()
	for _, l := range listeners {
		running.Go(func() {
			defer context.AfterFunc(ctx, func() { _ = l.Close() })()
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				running.Go(func() {
					defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
					defer conn.Close()
					b.converse(conn)
				})
			}
		})
	}
}

// converse answers the requests of a connection until either side has had enough.
func (b *Backends) converse(conn net.Conn) {
	in := bufio.NewReaderSize(conn, 8<<10)
	var out []byte
	for {
		path, err := readRequest(in)
		if err == errNotGet {
			_, _ = conn.Write(badRequest.append(nil, false))
		}
		if err != nil {
			return
		}
		a, t := b.find(path)
		t.wait()
		out = a.append(out[:0], t.keep)
		if _, err := conn.Write(out); err != nil {
			return
		}
	}
}

var errNotGet = errors.New("only GET is answered")

// readRequest takes a GET without a body from in, and returns its path. Headers are of no
// interest: there is one answer to each path.
func readRequest(in *bufio.Reader) (path string, err error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return "", err
	}
	method, rest, _ := strings.Cut(line, " ")
	path, version, _ := strings.Cut(rest, " ")
	for {
		header, err := in.ReadSlice('\n')
		switch {
		case err != nil:
			return "", err
		case len(bytes.TrimRight(header, "\r\n")) > 0:
			continue
		case method != "GET" || version != "HTTP/1.1\r\n":
			return "", errNotGet
		}
		return path, nil
	}
}

func (t timing) wait() {
	switch {
	case t.tail && rand.IntN(tailIn) == 0:
		time.Sleep(tail)
	case t.slow:
		time.Sleep(delay)
	}
}
