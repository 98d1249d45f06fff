package facettest

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/facet-bff/facet/shared/observe"
)

// A Call is a request that reached a service.
type Call struct {
	Service string
	Method  string
	Path    string // with the query
	Step    string // the step of the composition that made it
	Header  http.Header
}

// A Fault is what goes wrong with calls. The zero Fault is none.
type Fault struct {
	Delay   time.Duration // answer later
	Status  int           // answer with this status and a body that must not leak
	Hang    bool          // do not answer until the caller gives up
	Reset   bool          // break the connection off
	Garbage bool          // answer 200 with what is not JSON

	Times int // how many calls meet the fault, before all is well; 0: all
}

// Leak is in the body of every answer that a Fault makes. No client may ever see it.
const Leak = "goroutine 1 [running]: at db-7.internal:5432"

var errReset = errors.New("connection reset by peer")

// A network connects a gateway with stub services by pipes.
type network struct {
	mu       sync.Mutex
	services map[string]*service
	faults   faults          // by service
	broken   faults          // by step
	hits     map[string]bool // steps that met their fault
	calls    []Call
}

// A service is one stub service.
type service struct {
	mux       *http.ServeMux
	handler   http.Handler
	server    *http.Server
	transport *http.Transport
}

func newNetwork() *network {
	return &network{
		services: make(map[string]*service),
		faults:   make(faults), broken: make(faults), hits: make(map[string]bool),
	}
}

// service returns the stub of that name, which it starts if there is none.
func (n *network) service(name string) *service {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s, ok := n.services[name]; ok {
		return s
	}
	mux := http.NewServeMux()
	s := &service{mux: mux, handler: mux}
	pipes := &pipeListener{connections: make(chan net.Conn), closed: make(chan struct{})}
	s.server = &http.Server{
		Handler:  http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }),
		ErrorLog: log.New(io.Discard, "", 0),
	}
	s.transport = &http.Transport{DialContext: pipes.dial, DialTLSContext: pipes.dial, MaxIdleConnsPerHost: 16, DisableCompression: true}
	go func() { _ = s.server.Serve(pipes) }()
	n.services[name] = s
	return s
}

func (n *network) handle(name string, h http.Handler) { n.service(name).handler = h }

func (n *network) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.services {
		s.transport.CloseIdleConnections()
		_ = s.server.Close()
	}
}

// A wire is the way from the gateway to one service.
type wire struct {
	network *network
	name    string
	service *service
}

func (n *network) roundTripper(name string) http.RoundTripper {
	return &wire{network: n, name: name, service: n.service(name)}
}

// RoundTrip records the call and lets it meet its fault, if it has one.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	fault := w.network.meet(Call{
		Service: w.name, Method: r.Method, Path: r.URL.RequestURI(),
		Step: observe.StepFrom(r.Context()).Name(), Header: r.Header,
	})
	if fault.Delay > 0 {
		select {
		case <-time.After(fault.Delay):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	switch {
	case fault.Hang:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case fault.Reset:
		return nil, errReset
	case fault.Status != 0:
		return reply(r, fault.Status, Leak), nil
	case fault.Garbage:
		return reply(r, http.StatusOK, "<html>"+Leak), nil
	}
	return w.service.transport.RoundTrip(r)
}

func reply(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: make(http.Header),
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}

// meet records a call and returns the fault that it meets.
func (n *network) meet(c Call) Fault {
	if c.Service == "identity" {
		return Fault{}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls = append(n.calls, c)
	if f, ok := n.broken.meet(c.Step); ok {
		n.hits[c.Step] = true
		return f
	}
	f, _ := n.faults.meet(c.Service)
	return f
}

// faults are what calls meet, by a name of the caller or the called.
type faults map[string]Fault

// meet is the fault that one more call meets.
func (fs faults) meet(name string) (Fault, bool) {
	f, ok := fs[name]
	if f.Times == 1 {
		delete(fs, name)
	} else if f.Times > 1 {
		left := f
		left.Times--
		fs[name] = left
	}
	return f, ok
}

func (n *network) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls = nil
	clear(n.hits)
}

func (n *network) recorded() []Call {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]Call(nil), n.calls...)
}

// Break makes all calls of a service meet a fault, from now on. The zero Fault mends it.
func (k *Kit) Break(service string, f Fault) {
	k.network.mu.Lock()
	defer k.network.mu.Unlock()
	k.network.faults[service] = f
}

// BreakStep makes the calls of one step of a composition meet a fault.
func (k *Kit) BreakStep(step string, f Fault) {
	k.network.mu.Lock()
	defer k.network.mu.Unlock()
	k.network.broken[step] = f
}

// Mend removes every fault.
func (k *Kit) Mend() {
	k.network.mu.Lock()
	defer k.network.mu.Unlock()
	clear(k.network.faults)
	clear(k.network.broken)
}

// A pipeListener accepts in-memory connections.
type pipeListener struct {
	connections chan net.Conn
	closed      chan struct{}
	once        sync.Once
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.connections <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.connections:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// A lockedBuffer takes the gateway's log from several goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}
