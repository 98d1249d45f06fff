package policy

import (
	"hash/maphash"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/facet-bff/facet/shared/backend"
)

// changes remember when what is at a path of the service was changed last through this
// gateway (RFC 9111, 4.4). Answers that were asked for before are not used any more until the
// service has confirmed them, by whatever keys they are kept. Paths share places: then one of
// them is asked about once more.
type changes struct {
	seed maphash.Seed
	at   [4096]atomic.Int64 // nanoseconds
}

func newChanges() *changes { return &changes{seed: maphash.MakeSeed()} }

func (c *changes) place(path string) *atomic.Int64 {
	return &c.at[maphash.String(c.seed, path)%uint64(len(c.at))]
}

// since reports whether what is at path was changed after a time.
func (c *changes) since(path string, asked time.Time) bool {
	last := c.place(path).Load()
	return last != 0 && asked.UnixNano() <= last
}

func (c *changes) note(path string, now time.Time) { c.place(path).Store(now.UnixNano()) }

// invalidate notes what a successful unsafe request has changed: what it was about and, on
// the same service, what its answer names.
func (k *keeper) invalidate(req *backend.Request, res *backend.Response) {
	now := time.Now()
	k.changed.note(req.Path, now)
	for _, name := range []string{"Location", "Content-Location"} {
		if path, ok := k.pathOf(req, res.Header[name]); ok {
			k.changed.note(path, now)
		}
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
	for _, base := range k.bases {
		own, err := url.Parse(base)
		if err != nil || named.Host != "" && (named.Host != own.Host || named.Scheme != own.Scheme) {
			continue
		}
		if below, ok := strings.CutPrefix(path, own.EscapedPath()); ok && strings.HasPrefix(below, "/") {
			return below, true
		}
		if named.Host == "" {
			return path, true // relative to what was asked for
		}
	}
	return path, len(k.bases) == 0 && named.Host == ""
}
