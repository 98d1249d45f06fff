package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/facet-bff/facet/shared/backend/http1"
	"github.com/facet-bff/facet/shared/shape"
)

type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

// services are clients, by the number of their service.
type services []*http1.Client

func newServices(dial dialer) services {
	all := make(services, 33)
	for i := range all {
		all[i] = http1.New(port(i), http1.Options{
			Dial: dial, MaxConns: 256, MaxIdle: 64, IdleTimeout: time.Minute, MaxHeader: 64 << 10,
		})
	}
	return all
}

// A call is the memory of one.
type call struct {
	request http1.Request
	buffer  []byte
	body    []byte
}

var calls = sync.Pool{New: func() any { return new(call) }}

func (c *call) recycle() {
	c.body = nil
	calls.Put(c)
}

var accept = []byte("Accept: application/json\r\n")

// get returns an answer, which is in the memory of c.
func (s services) get(ctx context.Context, p part, c *call) ([]byte, error) {
	c.request = http1.Request{
		Method: http.MethodGet, Host: port(p.service), Target: p.path, Header: accept, MaxBody: 4 << 20,
		Keep: func(string) bool { return false }, Idempotent: true, Buffer: &c.buffer,
	}
	res, err := s[p.service].Do(ctx, &c.request)
	if err == nil && res.Status != http.StatusOK {
		err = fmt.Errorf("status %d", res.Status)
	}
	return res.Body, err
}

var bodies = sync.Pool{New: func() any { return new([]byte) }}

// composed makes all calls at once and puts what is kept of their answers into one object.
func (s services) composed(ctx context.Context, parts []part) (*[]byte, error) {
	made := make([]*call, len(parts))
	group, ctx := errgroup.WithContext(ctx)
	fetch := func(i int) (err error) {
		made[i] = calls.Get().(*call)
		made[i].body, err = s.get(ctx, parts[i], made[i])
		return err
	}
	for i := range parts[1:] {
		group.Go(func() error { return fetch(i + 1) })
	}
	if err := errors.Join(fetch(0), group.Wait()); err != nil {
		return nil, err
	}
	body := bodies.Get().(*[]byte)
	o := shape.NewObject((*body)[:0])
	for i, p := range parts {
		o.Project(p.name, p.keep, made[i].body)
		made[i].recycle()
	}
	var err error
	*body, err = o.End()
	return body, err
}
