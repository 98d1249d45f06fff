package policy

import (
	"context"
	"hash/maphash"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
)

// times remember when something was last noted of a key. Keys share places, so it may have been
// noted of another one: whoever asks must be safe with that.
type times struct {
	seed maphash.Seed
	at   [4096]atomic.Int64 // nanoseconds
}

func newTimes() *times { return &times{seed: maphash.MakeSeed()} }

func (t *times) place(key string) *atomic.Int64 {
	return &t.at[maphash.String(t.seed, key)%uint64(len(t.at))]
}

// since reports whether something was noted of key after a time.
func (t *times) since(key string, asked time.Time) bool {
	last := t.place(key).Load()
	return last != 0 && asked.UnixNano() <= last
}

// within reports whether something was noted of key less than d ago.
func (t *times) within(key string, d time.Duration) bool {
	last := t.place(key).Load()
	return last != 0 && time.Now().UnixNano()-last < int64(d)
}

func (t *times) note(key string, now time.Time) { t.place(key).Store(now.UnixNano()) }

// invalidate (RFC 9111, 4.4) notes the paths at which a successful unsafe request has changed
// something: its own and, on the same service, those that its answer names. Answers that were
// asked for before are not used any more until the service has confirmed them, by whatever
// keys they are kept.
//
// Where there are other replicas, which hear of purges only, the answers are purged everywhere.
func (k *keeper) invalidate(ctx context.Context, req *backend.Request, res *backend.Response) {
	now, paths := time.Now(), []string{req.Path}
	for _, name := range []string{"Location", "Content-Location"} {
		if path, ok := k.pathOf(req, res.Header[name]); ok {
			paths = append(paths, path)
		}
	}
	var everywhere cache.Purge
	for _, path := range paths {
		k.changed.note(path, now)
		everywhere.Paths = append(everywhere.Paths, cache.Path{Service: req.Service, Path: path})
	}
	if k.epochs.Spread() {
		// The change is made, even if its maker has no more time.
		k.epochs.Purge(context.WithoutCancel(ctx), everywhere)
	}
}

// pathOf is the path, as requests have it, that an answer to req names, if it is one of the
// service's own.
func (k *keeper) pathOf(req *backend.Request, header []string) (string, bool) {
	if len(header) != 1 {
		return "", false
	}
	at, err := url.Parse(req.Path)
	if err != nil {
		return "", false
	}
	named, err := at.Parse(header[0])
	if err != nil || named.Opaque != "" {
		return "", false
	}
	path := named.RequestURI()
	for _, instance := range k.at {
		own, err := url.Parse(strings.TrimRight(instance.URL, "/"))
		if err != nil || named.Host != "" && (named.Host != own.Host || named.Scheme != own.Scheme) {
			continue
		}
		if below, ok := strings.CutPrefix(path, own.EscapedPath()); ok && strings.HasPrefix(below, "/") {
			return below, true
		}
	}
	return path, named.Host == "" // relative to what was asked for
}
