package policy

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/dunglas/httpsfv"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
)

// statusName is how the gateway calls itself in Cache-Status (RFC 9211, 2).
func statusName(gateway string) string {
	for _, value := range []any{httpsfv.Token(gateway), gateway} {
		if name, err := httpsfv.Marshal(httpsfv.NewItem(value)); err == nil && gateway != "" {
			return name
		}
	}
	return "facet"
}

// kept is a kept answer as a route passes it on: with its Age (RFC 9111, 5.1), and cut down to
// what the client has not got.
func (k *keeper) kept(req *backend.Request, e *Entry, now time.Time) *backend.Response {
	own := *e.res
	own.Header = make(http.Header, len(e.res.Header)+3)
	maps.Copy(own.Header, e.res.Header)
	age := max(0, now.Sub(e.made)) // the clock of the replica that kept it may be ahead
	own.Header["Age"] = []string{strconv.FormatInt(int64(age/time.Second), 10)}
	ttl := strconv.FormatInt(int64(e.fresh.Sub(now)/time.Second), 10)
	addStatus(own.Header, k.name+"; hit; ttl="+ttl)
	if req.Method == http.MethodHead {
		own.Header["Content-Length"] = []string{strconv.Itoa(len(own.Body))}
	}
	whole := suited(req, &own, e.made)
	if first, last, ok := cache.Range(req.Header, len(whole.Body)); ok && whole.Status == http.StatusOK {
		whole.Header["Content-Range"] = []string{fmt.Sprintf("bytes %d-%d/%d", first, last, len(whole.Body))}
		whole.Status, whole.Body = http.StatusPartialContent, whole.Body[first:last+1]
	}
	return whole
}

// has reports whether the part that req asks for can be cut from the entry.
func (e *Entry) has(req *backend.Request) bool {
	_, _, ok := cache.Range(req.Header, len(e.res.Body))
	return ok && e.res.Status == http.StatusOK && req.Method == http.MethodGet
}

// forwarded is an answer of the service as a route passes it on.
func (k *keeper) forwarded(req *backend.Request, res *backend.Response, why string) *backend.Response {
	if !req.Stream {
		return res
	}
	own := *res
	own.Header = make(http.Header, len(res.Header)+1)
	maps.Copy(own.Header, res.Header)
	addStatus(own.Header, k.name+"; fwd="+why)
	if why == "bypass" || why == "method" {
		return &own
	}
	return suited(req, &own, time.Now())
}

// addStatus adds what this cache has done to what others nearer to the service have.
func addStatus(h http.Header, status string) {
	h["Cache-Status"] = append(slices.Clip(h["Cache-Status"]), status)
}

// suited is the answer, or that it is what the client has already.
func suited(req *backend.Request, res *backend.Response, received time.Time) *backend.Response {
	if res.Status == http.StatusOK && cache.NotModified(req.Header, res.Header, received) {
		if res.Stream != nil {
			_ = res.Stream.Close()
		}
		return &backend.Response{Status: http.StatusNotModified, Header: cache.NotModifiedHeader(res.Header)}
	}
	return res
}
