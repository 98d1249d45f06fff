package policy

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

// Cache keeps the answers of safe requests, as a shared cache of RFC 9111 that serves
// nothing stale. What the service says in Cache-Control or Expires holds; where it is
// silent, answers are kept for the configured time. Failures are never kept.
//
// It has two halves. answer stands outside collapse and looks. fill stands inside, so that
// what a flight brought is there before the flight is over: it looks again, for the flight
// that landed just before, and stores. The key is the whole request, the caller included.
func Cache(c CacheConfig, store *cache.Store[*Entry], metrics *observe.Metrics) (answer, fill backend.Policy) {
	answer = func(next backend.Sender) backend.Sender {
		l := &lookup{CacheConfig: c, store: store, metrics: metrics, next: next}
		return l.send
	}
	fill = func(next backend.Sender) backend.Sender {
		f := &filler{CacheConfig: c, store: store, metrics: metrics, next: next}
		return f.send
	}
	return answer, fill
}

// CacheConfig is the section "cache" of a service.
type CacheConfig struct {
	// TTL is how long an answer is kept of which the service says nothing.
	TTL time.Duration `yaml:"ttl" default:"0s" validate:"min=0"`
	// Ops is the same by operation. 0 switches the cache off for it; more also keeps the
	// answers to requests with credentials, each for its own caller.
	Ops map[string]time.Duration `yaml:"ops"`
	// MaxEntry is the largest body that is kept.
	MaxEntry int64 `yaml:"max_entry" default:"1MiB" unit:"bytes" validate:"min=1"`
	// Jitter is by how much, at random, less an answer is kept than it may be, as a part of
	// that: so that what was kept at once is not asked for anew at once.
	Jitter float64 `yaml:"jitter" default:"0.1" validate:"min=0,max=0.5"`
	// Lock is for what costs the service much.
	Lock LockConfig `yaml:"lock"`
}

type lookup struct {
	CacheConfig
	store   *cache.Store[*Entry]
	metrics *observe.Metrics
	next    backend.Sender
}

func (l *lookup) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	key, ok := l.key(req)
	if !ok {
		l.metrics.Looked(req.Service, req.Op, "bypass")
		return l.next(ctx, req)
	}
	if e, ok := l.store.Get(key); ok {
		l.metrics.Looked(req.Service, req.Op, "hit")
		observe.StepFrom(ctx).Cached()
		return e.answer(req), nil
	}
	l.metrics.Looked(req.Service, req.Op, "miss")
	return l.next(ctx, req)
}

type filler struct {
	CacheConfig
	store   *cache.Store[*Entry]
	metrics *observe.Metrics
	next    backend.Sender
}

func (f *filler) send(ctx context.Context, req *backend.Request) (*backend.Response, error) {
	key, ok := f.key(req)
	if !ok {
		return f.next(ctx, req)
	}
	e, ok := f.store.Fetch(ctx, key)
	if !ok {
		release, again := f.store.Lock(ctx, key, f.Lock.limit(req.Op))
		defer release()
		if again {
			e, ok = f.store.Fetch(ctx, key)
		}
	}
	if ok {
		observe.StepFrom(ctx).Cached()
		return e.answer(req), nil
	}
	stamps := f.store.Stamps(req.Service, req.Path, req.Tags)
	res, err := f.next(ctx, req)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	fresh := cache.ReadFreshness(res.Status, res.Header, now)
	ttl := f.jittered(f.ttl(req, fresh))
	if ttl <= 0 {
		return res, nil
	}
	if res.Stream != nil {
		if res, err = f.complete(ctx, req, res); err != nil {
			return nil, err
		}
	}
	if res.Stream == nil && int64(len(res.Body)) <= f.MaxEntry {
		f.store.Put(ctx, key, &Entry{res: res, made: now.Add(-fresh.Age)}, ttl, stamps)
		f.metrics.Kept(req.Service, req.Op, len(res.Body))
	}
	return res, nil
}

// key names what is looked for, or says that req passes by. A streamed request is another
// one than the same in full: a 404 is an answer to it.
func (c CacheConfig) key(req *backend.Request) (string, bool) {
	if !req.Safe || req.Upload != nil || req.Stream && req.Method != http.MethodGet {
		return "", false
	}
	if ttl, named := c.Ops[req.Op]; named && ttl == 0 {
		return "", false
	}
	for name := range req.Header {
		// These ask for a part of what is kept, or for something newer.
		if name == "Range" || name == "Cache-Control" || strings.HasPrefix(name, "If-") {
			return "", false
		}
	}
	if req.Stream {
		return "stream " + req.Key(), true
	}
	return req.Key(), true
}

// ttl is how long an answer to req is kept; zero is not at all.
func (c CacheConfig) ttl(req *backend.Request, fresh cache.Freshness) time.Duration {
	configured, named := c.Ops[req.Op]
	if !named {
		configured = c.TTL
	}
	personal := req.Caller != "" || req.Header["Authorization"] != nil
	switch {
	case !fresh.Storable:
		return 0
	case personal && !named && !fresh.Shared: // RFC 9111, 3.5
		return 0
	case fresh.Explicit:
		return fresh.TTL
	}
	return configured
}

// complete reads a streamed answer that is small enough to be kept, and returns it in
// full. Of another it hands on the stream, beginning with what was read.
func (c CacheConfig) complete(ctx context.Context, req *backend.Request, res *backend.Response) (*backend.Response, error) {
	if res.Size > c.MaxEntry || endless(res.Header) {
		return res, nil
	}
	head, err := io.ReadAll(io.LimitReader(res.Stream, c.MaxEntry+1))
	if err != nil {
		_ = res.Stream.Close()
		if ctx.Err() != nil {
			return nil, ended(ctx, req)
		}
		return nil, failed(req, fault.Broken, err)
	}
	own := *res
	if int64(len(head)) > c.MaxEntry {
		own.Stream = &stream{Reader: io.MultiReader(bytes.NewReader(head), res.Stream), close: res.Stream.Close}
		return &own, nil
	}
	_ = res.Stream.Close()
	own.Body, own.Stream, own.Size = head, nil, 0
	return &own, nil
}

// endless reports events, which come one at a time and must not be waited for.
func endless(h http.Header) bool {
	return strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "text/event-stream")
}
