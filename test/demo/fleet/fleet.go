// Package fleet runs the demo's programs as processes: the shop first, then the gateways,
// all with their ports moved by one offset.
package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Fleet is the shop and the gateways while they run. Its methods are safe for concurrent
// use.
type Fleet struct {
	shop     *Process
	gateways []*Process

	running context.Context // until one ends or all shall
	end     context.CancelCauseFunc
}

// How long they may take, so that the demo as a whole stops within ten seconds.
const (
	startLimit      = 30 * time.Second
	gatewayPatience = 7 * time.Second
	shopPatience    = 2 * time.Second
)

var (
	errStopped  = errors.New("the demo is being stopped")
	errNotReady = fmt.Errorf("not ready after %s; its log says more", startLimit)
)

// Launch starts the programs in the directory bin and waits until all are ready. Their
// output goes to the directory logs. redis is the URL of a Redis, with which there are two
// replicas of each gateway; it may be empty. When one cannot start or ctx ends, what has been
// started is stopped.
func Launch(ctx context.Context, l Layout, bin, logs, redis string) (*Fleet, error) {
	servers := l.servers()
	if redis != "" {
		servers = append(servers, replicas()...)
	}
	if err := l.free(servers); err != nil {
		return nil, err
	}
	f := &Fleet{}
	f.running, f.end = context.WithCancelCause(context.WithoutCancel(ctx))
	if err := f.launch(ctx, l, bin, logs, redis); err != nil {
		return nil, errors.Join(err, f.Stop())
	}
	return f, nil
}

func (f *Fleet) launch(ctx context.Context, l Layout, bin, logs, redis string) error {
	starting, cancel := context.WithTimeoutCause(f.running, startLimit, errNotReady)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	var err error
	if f.shop, err = f.start(l.ShopProgram(bin), logs); err != nil {
		return err
	}
	if err := f.shop.WaitReady(starting); err != nil {
		return err
	}
	for _, program := range l.gatewayPrograms(bin, redis) {
		started, err := f.start(program, logs)
		if err != nil {
			return err
		}
		f.gateways = append(f.gateways, started)
	}
	for _, g := range f.gateways {
		if err := g.WaitReady(starting); err != nil {
			return err
		}
	}
	return nil
}

// start starts a program, whose end is the end of the fleet.
func (f *Fleet) start(p Program, logs string) (*Process, error) {
	started, err := Start(p, logs)
	if err != nil {
		return nil, err
	}
	go func() {
		code := started.ExitCode()
		f.end(fmt.Errorf("%s has ended with exit code %d; the end of %s:\n%s", p.Name, code, started.Log, started.Tail(tail)))
	}()
	return started, nil
}

// tail is how many lines of a log tell why its process ended.
const tail = 15

// Wait returns nil when ctx ends, or an error that says which process has ended by itself
// and what it said last.
func (f *Fleet) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-f.running.Done():
		return context.Cause(f.running)
	}
}

// Stop stops the gateways and then the shop, within ten seconds. The error names those that
// had to be killed.
func (f *Fleet) Stop() error {
	f.end(errStopped)
	errs := make([]error, len(f.gateways)+1)
	var stopping sync.WaitGroup
	for i, g := range f.gateways {
		stopping.Go(func() { errs[i] = g.Stop(gatewayPatience) })
	}
	stopping.Wait() // while requests are under way, the gateways need the shop
	if f.shop != nil {
		errs[len(f.gateways)] = f.shop.Stop(shopPatience)
	}
	return errors.Join(errs...)
}
