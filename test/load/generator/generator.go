// Package generator sends HTTP requests and measures how long the answers take. It is a
// client for one machine: it trusts the server, and keeps its own cost low.
package generator

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A Load is what is sent.
type Load struct {
	Address string // host:port
	// Requests are sent in turn and begun anew after the last. There is at least one.
	Requests    []Request
	Connections int
	// Rate is in requests per second, on a schedule that waits for nothing. 0 is a
	// closed loop: each connection sends its next request when it has its answer.
	Rate float64
	For  time.Duration
}

// A Result is what came of it.
type Result struct {
	Done    uint64 // complete answers
	Bad     uint64 // those of them whose status was not 200
	Failed  uint64 // requests without a complete answer
	Dropped uint64 // requests that were due and not sent, because too many were
	Bytes   uint64 // of bodies
	Took    time.Duration
	Latency Histogram
}

// PerSecond is how many answers came per second.
func (r *Result) PerSecond() float64 { return float64(r.Done) / r.Took.Seconds() }

// backlog is how many requests may be due and not sent: more than any rate brings while
// one request runs into its timeout.
const backlog = 1 << 16

// A Client keeps its connections from one run to the next, so that a warm-up has dialled
// them. The zero Client is ready. It must not run twice at the same time.
type Client struct{ connections []*connection }

// Close closes all connections.
func (c *Client) Close() {
	for _, connection := range c.connections {
		connection.close()
	}
}

// Run is one run of a client of its own.
func Run(ctx context.Context, l Load) *Result {
	var c Client
	defer c.Close()
	return c.Run(ctx, l)
}

// Run sends until the time is over or ctx is done, and waits for what is under way. On a
// schedule, latency counts from when a request was due and not from when it was sent, so
// that a server that stalls cannot hide what it would have had to answer meanwhile. All
// runs of a client have the same address.
func (c *Client) Run(ctx context.Context, l Load) *Result {
	var sent atomic.Uint64
	workers := make([]*worker, max(l.Connections, 1))
	for len(c.connections) < len(workers) {
		c.connections = append(c.connections, &connection{address: l.Address})
	}
	due := make(chan time.Time, backlog)
	var running sync.WaitGroup
	began := time.Now()
	for i := range workers {
		w := &worker{load: &l, sent: &sent, connection: c.connections[i]}
		workers[i] = w
		running.Go(func() {
			if l.Rate > 0 {
				w.open(ctx, due)
			} else {
				w.closed(ctx, began.Add(l.For))
			}
		})
	}
	total := &Result{}
	if l.Rate > 0 {
		total.Dropped = schedule(ctx, l, began, due)
	}
	close(due)
	running.Wait()
	total.Took = time.Since(began)
	for _, w := range workers {
		total.add(&w.result)
	}
	return total
}

// schedule puts the time of every request into due when it has come, and returns how many
// found no place.
func schedule(ctx context.Context, l Load, began time.Time, due chan<- time.Time) (dropped uint64) {
	step := time.Duration(float64(time.Second) / l.Rate)
	for at := began; at.Before(began.Add(l.For)) && ctx.Err() == nil; at = at.Add(step) {
		sleepUntil(at)
		select {
		case due <- at:
		default:
			dropped++
		}
	}
	return dropped
}

// A worker has one connection.
type worker struct {
	load       *Load
	sent       *atomic.Uint64 // by all workers
	connection *connection
	result     Result
}

func (w *worker) closed(ctx context.Context, end time.Time) {
	for now := time.Now(); now.Before(end) && ctx.Err() == nil; now = time.Now() {
		w.exchange(ctx, now)
	}
}

func (w *worker) open(ctx context.Context, due <-chan time.Time) {
	for at := range due {
		if ctx.Err() == nil {
			w.exchange(ctx, at)
		}
	}
}

// pause keeps a server that refuses connections from being asked all the time.
const pause = time.Millisecond

func (w *worker) exchange(ctx context.Context, due time.Time) {
	turn := (w.sent.Add(1) - 1) % uint64(len(w.load.Requests))
	status, size, err := w.connection.exchange(ctx, w.load.Requests[turn])
	if err != nil {
		w.result.Failed++
		time.Sleep(pause)
		return
	}
	w.result.Done++
	w.result.Bytes += uint64(size)
	w.result.Latency.Add(time.Since(due))
	if status != 200 {
		w.result.Bad++
	}
}

func (r *Result) add(other *Result) {
	r.Done += other.Done
	r.Bad += other.Bad
	r.Failed += other.Failed
	r.Bytes += other.Bytes
	r.Latency.Merge(&other.Latency)
}
