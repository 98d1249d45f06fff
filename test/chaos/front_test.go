package chaos_test

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A front stands between a gateway and one instance of a service. It passes connections on,
// refuses them, or treats them as a behaviour says. It is safe for concurrent use.
type front struct {
	address string
	service string // the address of the instance

	mu       sync.Mutex
	listener net.Listener // nil: connections are refused
	behave   behaviour    // nil: connections are passed on
	upstream string       // where to
	open     map[*visit]struct{}
	serving  sync.WaitGroup

	met   atomic.Int64 // connections since the last change
	asked atomic.Int64 // requests that a behaviour has received, likewise
	slow  atomic.Bool  // what is passed on takes a while, so that connections are not shared
}

// A behaviour treats one connection, which is closed when it returns. It must return soon
// after the connection is closed by others.
type behaviour func(*visit)

// A visit is one connection of a gateway.
type visit struct {
	net.Conn // what is spoken: the connection, or TLS on it
	tcp      *net.TCPConn
	front    *front
	request  []byte // that was received last
	frozen   atomic.Bool
}

func newFront(service string) (*front, error) {
	f := &front{service: service, upstream: service, address: "127.0.0.1:0", open: map[*visit]struct{}{}}
	return f, f.listen()
}

func (f *front) url() string { return "http://" + f.address }

// listen is called with mu held, or before anybody else has the front.
func (f *front) listen() error {
	if f.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", f.address)
	if err != nil {
		return err
	}
	f.listener, f.address = listener, listener.Addr().String()
	f.serving.Go(func() { f.accept(listener) })
	return nil
}

func (f *front) accept(listener net.Listener) {
	for {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		v := &visit{Conn: c, tcp: c.(*net.TCPConn), front: f}
		f.mu.Lock()
		f.open[v] = struct{}{}
		behave := f.behave
		f.mu.Unlock()
		f.met.Add(1)
		f.serving.Go(func() {
			defer f.forget(v)
			defer v.tcp.Close()
			if behave == nil {
				behave = pass
			}
			behave(v)
		})
	}
}

func (f *front) forget(v *visit) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, v)
}

// change closes all connections, and treats the next ones as a behaviour says; nil passes
// them on to an address.
func (f *front) change(t *testing.T, b behaviour, upstream string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.behave, f.upstream = b, upstream
	for v := range f.open {
		_ = v.tcp.Close()
	}
	f.met.Store(0)
	f.asked.Store(0)
	for deadline := time.Now().Add(10 * time.Second); f.listen() != nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) { // another program has taken the port meanwhile
			t.Fatalf("cannot listen again on %s", f.address)
		}
	}
}

// lead passes the next connections on to another address, and leaves those that are there.
func (f *front) lead(upstream string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.behave, f.upstream = nil, upstream
}

func (f *front) mend(t *testing.T) {
	t.Helper()
	f.change(t, nil, f.service)
}

// refuse closes everything.
func (f *front) refuse() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listener != nil {
		_ = f.listener.Close()
		f.listener = nil
	}
	for v := range f.open {
		_ = v.tcp.Close()
	}
}

// freeze leaves the connections that are there open, and lets nothing through them any
// more. New ones work.
func (f *front) freeze() (frozen int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for v := range f.open {
		v.frozen.Store(true)
	}
	f.met.Store(0)
	return len(f.open)
}

// close is refuse for good.
func (f *front) close() {
	f.refuse()
	f.serving.Wait()
}

// pass is the behaviour of a network that does its work. A reset is passed on as well.
func pass(v *visit) {
	v.front.mu.Lock()
	address := v.front.upstream
	v.front.mu.Unlock()
	up, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer up.Close()
	v.front.serving.Go(func() {
		v.relay(up, v.Conn)
		_ = up.Close()
		_ = v.tcp.Close()
	})
	v.relay(v.Conn, up)
}

func (v *visit) relay(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if v.frozen.Load() {
			_, _ = io.Copy(io.Discard, from)
			return
		}
		if v.front.slow.Load() {
			time.Sleep(20 * time.Millisecond)
		}
		if _, failed := to.Write(buf[:n]); failed != nil {
			return
		}
		if tcp, ok := to.(*net.TCPConn); ok && errors.Is(err, syscall.ECONNRESET) {
			_ = tcp.SetLinger(0)
		}
		if err != nil {
			return
		}
	}
}
