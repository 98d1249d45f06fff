package main

import (
	"context"
	_ "embed"
	"net"
	"net/http"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/gateway"
)

//go:embed gateway.yaml
var config []byte

// A running gateway.
type running struct {
	url     string
	gateway *gateway.Gateway
	server  *http.Server
}

// start starts a gateway in front of the suite's server, on a free port.
func start(ctx context.Context, origin string) (*running, error) {
	def := gateway.Definition[struct{}]{
		Name: "cachetests", Config: config, Backends: func(*backend.Services) struct{} { return struct{}{} },
	}
	settings, err := gateway.Load(def, "", []string{
		"FACET_SERVICES__ORIGIN__URL=" + origin, "FACET_SERVICES__CONTROL__URL=" + origin,
	})
	if err != nil {
		return nil, err
	}
	g, err := gateway.New(def, settings, gateway.Options{})
	if err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		g.Close()
		return nil, err
	}
	r := &running{
		url: "http://" + l.Addr().String(), gateway: g,
		server: &http.Server{Handler: g.Handler(), ReadHeaderTimeout: time.Second},
	}
	go func() { _ = r.server.Serve(l) }() // which ends with stop
	return r, nil
}

func (r *running) stop() {
	_ = r.server.Close()
	r.gateway.Close()
}
