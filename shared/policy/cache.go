package policy

import (
	"context"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/observe"
)

// Cache keeps the answers of safe requests, as a shared cache of RFC 9111. What the service
// says in Cache-Control, Expires and Vary holds; where it is silent, answers are kept for the
// configured time. at is where the service is known to be, which a Location may name.
//
// It has two halves. answer stands outside collapse and looks. fill stands inside, so that
// what a flight brought is there before the flight is over: it looks again, for the flight
// that landed just before, asks the service whether what is past its time still holds, and
// stores. Only fill looks into a second level and takes the lock that replicas have in common,
// so that a flight does either once. What routes stream, collapse leaves alone; answer lets them
// wait for each other. What an answer is kept by, and for whom, is said at keys.
func Cache(c CacheConfig, at []discover.Instance, with Shared) (answer, fill backend.Policy) {
	k := &keeper{
		CacheConfig: c, store: with.Store, epochs: with.Epochs, refresher: with.Refresher, metrics: with.Metrics,
		name: statusName(with.Gateway), at: at, changed: newTimes(),
	}
	answer = func(next backend.Sender) backend.Sender {
		return (&lookup{k, next, &collapse{next: next, flights: make(map[string]*flight)}, newTimes()}).send
	}
	fill = func(next backend.Sender) backend.Sender { return (&filler{k, next}).send }
	return answer, fill
}

// CacheConfig is the section "cache" of a service.
type CacheConfig struct {
	// TTL is how long an answer is kept of which the service says nothing.
	TTL time.Duration `yaml:"ttl" default:"0s" validate:"min=0"`
	// Ops is what is different for an operation, a TTL alone if that is all: product: 5m.
	Ops map[string]OpCache `yaml:"ops"`
	// NegativeTTL is how long it is kept that there is nothing (404, 410), at most.
	NegativeTTL time.Duration `yaml:"negative_ttl" default:"0s" validate:"min=0"`

	// StaleWhileRevalidate is for how long after its time an answer is used while it is
	// fetched anew, unless the service says.
	StaleWhileRevalidate time.Duration `yaml:"stale_while_revalidate" default:"0s" validate:"min=0"`
	// StaleIfError is for how long after its time an answer is used in place of a failure,
	// unless the service says.
	StaleIfError time.Duration `yaml:"stale_if_error" default:"0s" validate:"min=0"`

	// Jitter is the part of its time by which an answer is kept shorter, at most, so that
	// what came together does not go together.
	Jitter float64 `yaml:"jitter" default:"0.05" validate:"min=0,max=0.5"`

	// Lock has one replica ask for an answer that none of them has, where they share a Redis;
	// the others wait for it for so long at most (see [cache.Store.Lock]). It is for what costs
	// the service much: an answer that is not there costs three more calls of Redis. 0 has
	// every replica ask.
	Lock time.Duration `yaml:"lock" default:"0s" validate:"min=0,max=1m"`

	// ClientControl lets the clients of routes ask for something newer than what is kept
	// (no-cache, max-age, min-fresh). Each of them can then make the service work.
	ClientControl bool `yaml:"client_control"`

	// MaxEntry is the largest body that is kept.
	MaxEntry int64 `yaml:"max_entry" default:"1MiB" unit:"bytes" validate:"min=1"`
}

// OpCache is what is different for one operation; what is not there is as for the others.
type OpCache struct {
	// TTL 0 switches the cache off for the operation; more also keeps the answers to requests
	// with credentials, each for its own caller.
	TTL                  *time.Duration `yaml:"ttl,short" validate:"omitempty,min=0"`
	NegativeTTL          *time.Duration `yaml:"negative_ttl" validate:"omitempty,min=0"`           // as above
	StaleWhileRevalidate *time.Duration `yaml:"stale_while_revalidate" validate:"omitempty,min=0"` // as above
	StaleIfError         *time.Duration `yaml:"stale_if_error" validate:"omitempty,min=0"`         // as above
	Lock                 *time.Duration `yaml:"lock" validate:"omitempty,min=0,max=1m"`            // as above
}

// A keeper is what both halves have in common.
type keeper struct {
	CacheConfig
	store     *cache.Store[*Entry]
	epochs    *cache.Epochs // where other replicas hear of changes
	refresher *Refresher    // nil: nothing is used while it is fetched anew
	metrics   *observe.Metrics
	name      string // in Cache-Status
	at        []discover.Instance
	changed   *times // what is at a path of the service, through this gateway
}

// either is a setting of an operation, or the service's if it has none.
func either(op *time.Duration, service time.Duration) time.Duration {
	if op != nil {
		return *op
	}
	return service
}

// ttl is how long an answer to req is kept of which the service says nothing.
func (k *keeper) ttl(req *backend.Request, status int) time.Duration {
	op := k.Ops[req.Op]
	if absent(status) {
		return either(op.NegativeTTL, k.NegativeTTL)
	}
	return either(op.TTL, k.TTL)
}

// wishes are those of the client, as far as they are obeyed.
func (k *keeper) wishes(req *backend.Request) cache.Wishes {
	if len(req.Control) == 0 {
		return cache.Wishes{}
	}
	w := cache.ReadWishes(req.Control["Cache-Control"], req.Control["Pragma"])
	if !k.ClientControl {
		w = w.Harmless()
	}
	return w
}

// A finding is what is kept for a request.
type finding struct {
	*Entry         // nil: nothing
	changed bool   // since it was asked for, what it is about has been: it has to be asked about
	missed  string // what was not found, in the words of RFC 9211
}

// find looks for the answer to req that is fresh for longest, in this process.
func (k *keeper) find(req *backend.Request, at keys) finding {
	return k.search(req, at, k.store.Get)
}

// findAnywhere is find, but looks into the second level besides.
func (k *keeper) findAnywhere(ctx context.Context, req *backend.Request, at keys) finding {
	return k.search(req, at, func(key string) (*Entry, bool) { return k.store.Fetch(ctx, key) })
}

func (k *keeper) search(req *backend.Request, at keys, get func(string) (*Entry, bool)) finding {
	best := finding{missed: "uri-miss"}
	for _, slot := range [...]string{at.own, at.shared} {
		if slot == "" {
			continue
		}
		e, ok := get(slot)
		if ok && e.vary != nil {
			best.missed = "vary-miss"
			e, ok = get(slot + variant(e.vary, req.Header))
		}
		if !ok || e.vary != nil || at.own != "" && slot == at.shared && !e.public {
			continue
		}
		changed := k.changed.since(req.Path, e.asked)
		if best.Entry == nil || best.changed && !changed || best.changed == changed && e.fresh.After(best.fresh) {
			best.Entry, best.changed = e, changed
		}
	}
	return best
}
