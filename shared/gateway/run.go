package gateway

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/facet-bff/facet/shared/ops"
)

var errDraining = errors.New("the gateway is stopping")

// Run listens and serves until ctx is done, then drains: it says that it is not ready,
// goes on serving for a while so that load balancers notice, and lets what is under way
// finish. It returns nil when nothing was cut off.
func (g *Gateway) Run(ctx context.Context) error {
	public, err := net.Listen("tcp", g.config.Server.Address)
	if err != nil {
		return fmt.Errorf("server.address: %w", err)
	}
	management, err := net.Listen("tcp", g.config.Management.Address)
	if err != nil {
		_ = public.Close()
		return fmt.Errorf("management.address: %w", err)
	}
	return g.Serve(ctx, public, management)
}

// Serve is Run on listeners that are already open. It closes them.
func (g *Gateway) Serve(ctx context.Context, public, management net.Listener) error {
	front := g.server(g.handler)
	back := &http.Server{Handler: ops.NewHandler(g.management()), ReadHeaderTimeout: 5 * time.Second, ErrorLog: g.serverLog()}
	group, running := errgroup.WithContext(context.WithoutCancel(ctx))
	group.Go(func() error { return serve(front, public) })
	group.Go(func() error { return serve(back, management) })
	group.Go(func() error {
		select {
		case <-ctx.Done():
		case <-running.Done():
		}
		err := g.drain(running, front)
		return errors.Join(err, back.Close())
	})
	g.log.Info("ready", "address", public.Addr().String(), "management", management.Addr().String())
	return group.Wait()
}

func serve(s *http.Server, l net.Listener) error {
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (g *Gateway) server(h http.Handler) *http.Server {
	c := g.config.Server
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: c.HeaderTimeout,
		ReadTimeout:       c.BodyTimeout,
		WriteTimeout:      c.WriteTimeout,
		IdleTimeout:       c.IdleTimeout,
		MaxHeaderBytes:    c.MaxHeader,
		ErrorLog:          g.serverLog(),
	}
}

func (g *Gateway) serverLog() *log.Logger { return slog.NewLogLogger(g.log.Handler(), slog.LevelWarn) }

// drain stops front without dropping a request.
func (g *Gateway) drain(running context.Context, front *http.Server) error {
	g.draining.Store(true)
	g.log.Info("draining", "delay", g.config.Server.Drain.Delay.String(), "timeout", g.config.Server.Drain.Timeout.String())
	select {
	case <-time.After(g.config.Server.Drain.Delay):
	case <-running.Done(): // a listener has failed: nobody can reach us anyway
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(running), g.config.Server.Drain.Timeout)
	defer cancel()
	if err := front.Shutdown(ctx); err != nil {
		_ = front.Close()
		return fmt.Errorf("requests were cut off after %s (server.drain.timeout): %w", g.config.Server.Drain.Timeout, err)
	}
	g.log.Info("drained")
	return nil
}

func (g *Gateway) management() ops.Gateway {
	checks := []ops.Check{{Name: "serving", Ready: func() error {
		if g.draining.Load() {
			return errDraining
		}
		return nil
	}}}
	if g.verifier != nil {
		checks = append(checks, ops.Check{Name: "identity", Ready: g.verifier.Ready})
	}
	return ops.Gateway{
		Name: g.name, Registry: g.metrics.Registry(), Checks: checks, Endpoints: g.Endpoints,
	}
}
