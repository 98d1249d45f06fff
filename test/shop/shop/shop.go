// Package shop runs the demo's microservices: nine backends as real HTTP servers with
// generated data that is the same at every start, an OpenID provider, and a control server
// that breaks the backends and counts their calls.
package shop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// Options say where the shop listens and what of it runs.
type Options struct {
	Host   string   // 127.0.0.1 if empty
	Offset int      // added to every port
	Free   bool     // any free ports, for tests; Offset is ignored
	Only   []string // names of the servers to start, of Names; all of them if empty
}

// Names returns the names of all servers in the order of their default ports.
func Names() []string {
	names := make([]string, 0, len(ports))
	for _, p := range ports {
		names = append(names, p.name)
	}
	return names
}

var ports = []struct {
	name string
	port int
}{
	{"users", 7001}, {"catalog", 7002}, {"pricing", 7003}, {"inventory", 7004}, {"reviews", 7005},
	{"carts", 7006}, {"orders", 7007}, {"recommendations", 7008}, {"promotions", 7009},
	{"idp", 7020}, {"control", 7090},
}

// Running is a started shop. Its methods are safe for concurrent use.
type Running struct {
	urls map[string]string
	stop context.CancelFunc
	done chan struct{} // closed when everything has stopped
	err  error         // why, once done is closed
}

// Start binds every listener and returns once the servers accept requests; they run until
// ctx ends or Close is called. The error names every port that could not be bound.
func Start(ctx context.Context, options Options) (*Running, error) {
	listeners, err := listen(ctx, options)
	if err != nil {
		return nil, err
	}
	urls := make(map[string]string, len(listeners))
	for name, listener := range listeners {
		urls[name] = "http://" + reachable(listener.Addr())
	}
	handlers, err := newHandlers(urls)
	if err != nil {
		closeAll(listeners)
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	r := &Running{urls: urls, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		defer stop()
		r.err = serve(ctx, listeners, handlers)
	}()
	return r, nil
}

// URL returns the base URL of a server without a slash at its end, or "" if it does not run.
func (r *Running) URL(name string) string { return r.urls[name] }

// Names returns the names of the servers that run, sorted.
func (r *Running) Names() []string { return slices.Sorted(maps.Keys(r.urls)) }

// Wait blocks until the shop has stopped; the error is nil unless a server broke.
func (r *Running) Wait() error {
	<-r.done
	return r.err
}

// Close stops the shop within about a second and waits for it, as Wait does. It may be
// called more than once.
func (r *Running) Close() error {
	r.stop()
	return r.Wait()
}

func listen(ctx context.Context, options Options) (map[string]net.Listener, error) {
	for _, name := range options.Only {
		if !slices.Contains(Names(), name) {
			return nil, fmt.Errorf("no server is called %q, there are %v", name, Names())
		}
	}
	host := options.Host
	if host == "" {
		host = "127.0.0.1"
	}
	listeners := map[string]net.Listener{}
	var errs []error
	for _, p := range ports {
		if len(options.Only) > 0 && !slices.Contains(options.Only, p.name) {
			continue
		}
		port := p.port + options.Offset
		if options.Free {
			port = 0
		}
		address := net.JoinHostPort(host, strconv.Itoa(port))
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p.name, err))
			continue
		}
		listeners[p.name] = listener
	}
	if err := errors.Join(errs...); err != nil {
		closeAll(listeners)
		return nil, err
	}
	return listeners, nil
}

func closeAll(listeners map[string]net.Listener) {
	for _, listener := range listeners {
		_ = listener.Close()
	}
}

// reachable replaces "every address", which nobody can dial, by the loopback's.
func reachable(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return address.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}

// serve runs one server per listener until ctx ends or one of them breaks.
func serve(
	ctx context.Context, listeners map[string]net.Listener, handlers map[string]http.Handler,
) error {
	group, ctx := errgroup.WithContext(ctx)
	for name, listener := range listeners {
		server := &http.Server{
			Handler:           handlers[name],
			ReadHeaderTimeout: 5 * time.Second,
			BaseContext:       func(net.Listener) context.Context { return ctx },
			ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
		}
		group.Go(func() error {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
		group.Go(func() error {
			<-ctx.Done() // which also ends calls that hang
			return shutdown(server)
		})
	}
	return group.Wait()
}

// shutdown lets running requests finish, but not for long.
func shutdown(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return server.Close()
	}
	return nil
}
