// Package serve runs a gateway's two listeners and stops them without dropping a
// request.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Config is the section "server": the listener that clients use.
type Config struct {
	Address       string        `yaml:"address" default:"127.0.0.1:8080" validate:"required"`        // what clients connect to
	HeaderTimeout time.Duration `yaml:"header_timeout" default:"5s" validate:"gt=0"`                 // to read a request's head
	BodyTimeout   time.Duration `yaml:"body_timeout" default:"15s" validate:"gt=0"`                  // to read all of it
	WriteTimeout  time.Duration `yaml:"write_timeout" default:"30s" validate:"gt=0"`                 // from the head to the answer's end
	IdleTimeout   time.Duration `yaml:"idle_timeout" default:"75s" validate:"gt=0"`                  // between two requests
	MaxHeader     int           `yaml:"max_header" default:"32KiB" unit:"bytes" validate:"min=1024"` // of a request

	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []string `yaml:"trusted_proxies" validate:"dive,cidr"`

	Drain Drain `yaml:"drain"`
}

// Drain says how a gateway stops.
type Drain struct {
	// Delay is how long it goes on taking requests after it has said that it is not
	// ready, so that load balancers notice.
	Delay time.Duration `yaml:"delay" default:"5s" validate:"min=0"`
	// Timeout is how long requests that are under way may still take after that.
	Timeout time.Duration `yaml:"timeout" default:"20s" validate:"gt=0"`
}

// A Server serves clients on one listener and operators on another. It runs once.
type Server struct {
	Config     Config
	Public     http.Handler
	Management http.Handler
	Log        *slog.Logger

	draining atomic.Bool
}

var errDraining = errors.New("the gateway is stopping")

// Ready returns nil until the server drains. It is safe for concurrent use.
func (s *Server) Ready() error {
	if s.draining.Load() {
		return errDraining
	}
	return nil
}

// Listen opens both listeners.
func (s *Server) Listen(management string) (public, operators net.Listener, err error) {
	var listen net.ListenConfig
	if public, err = listen.Listen(context.Background(), "tcp", s.Config.Address); err != nil {
		return nil, nil, fmt.Errorf("server.address: %w", err)
	}
	if operators, err = listen.Listen(context.Background(), "tcp", management); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("management.address: %w", err), public.Close())
	}
	return public, operators, nil
}

// Run serves until ctx is done and then drains: it is not Ready any more, tells clients
// to close their connections, goes on for the drain's delay, and lets what is under way
// finish. It returns nil when nothing was cut off. It closes the listeners.
func (s *Server) Run(ctx context.Context, public, operators net.Listener) error {
	front, back := s.front(), &http.Server{Handler: s.Management, ReadHeaderTimeout: 5 * time.Second, ErrorLog: s.errorLog()}
	group, running := errgroup.WithContext(context.WithoutCancel(ctx))
	group.Go(func() error { return serve(front, listener{public}) })
	group.Go(func() error { return serve(back, operators) })
	group.Go(func() error {
		select {
		case <-ctx.Done():
		case <-running.Done():
		}
		return errors.Join(s.drain(running, front), back.Close())
	})
	s.Log.Info("ready", "address", public.Addr().String(), "management", operators.Addr().String())
	return group.Wait()
}

func serve(s *http.Server, l net.Listener) error {
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *Server) front() *http.Server {
	return &http.Server{
		Handler:           http.HandlerFunc(s.answer),
		ConnContext:       withConnection,
		ReadHeaderTimeout: s.Config.HeaderTimeout,
		ReadTimeout:       s.Config.BodyTimeout,
		WriteTimeout:      s.Config.WriteTimeout,
		IdleTimeout:       s.Config.IdleTimeout,
		MaxHeaderBytes:    s.Config.MaxHeader,
		ErrorLog:          s.errorLog(),
	}
}

// answer tells clients of a server that drains to take their next request elsewhere.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	s.Public.ServeHTTP(w, r)
}

func (s *Server) drain(running context.Context, front *http.Server) error {
	s.draining.Store(true)
	d := s.Config.Drain
	s.Log.Info("draining", "delay", d.Delay.String(), "timeout", d.Timeout.String())
	select {
	case <-time.After(d.Delay):
	case <-running.Done(): // a listener has failed: nobody can reach us anyway
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(running), d.Timeout)
	defer cancel()
	if err := front.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off after %s (server.drain.timeout): %w", d.Timeout, err), front.Close())
	}
	s.Log.Info("drained")
	return nil
}

func (s *Server) errorLog() *log.Logger { return slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn) }
