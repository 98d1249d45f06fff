package policy

import (
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/identity"
)

// keys are where answers to a request are kept.
//
// shared is for everybody who asks the same. own is for the one whose credentials the request
// carries, and empty if it carries none: a request with credentials finds in shared only what
// the service has made for all (RFC 9111, 3.5), and what was made for it goes to own unless it
// is for all as well. So nobody gets what was made for somebody else.
//
// What is the same? Of an operation, everything that the service can see: it is all declared.
// Of a route, method, path and query, and those headers by which one client could spoil the
// answers of others; what else an answer depends on, the service has to say in Vary (4.1). One
// that says nothing at all of caching is not believed to know, and its answers, which are
// kept by our own configuration, depend on every header.
type keys struct{ shared, own string }

// keys names where to look, or says that req passes by.
func (k *keeper) keys(req *backend.Request) (at keys, ok bool) {
	if !req.Safe || req.Upload != nil || req.Stream && req.Method != http.MethodGet && req.Method != http.MethodHead {
		return keys{}, false
	}
	if ttl := k.Ops[req.Op].TTL; ttl != nil && *ttl == 0 {
		return keys{}, false
	}
	personal := req.Caller != ""
	for name := range req.Header {
		switch {
		case name == "Accept" || name == "Accept-Encoding" || name == "Content-Type": // as most are
		case passesBy(name, req.Stream):
			return keys{}, false
		default:
			personal = personal || credential(name)
		}
	}
	if !personal && !req.Stream {
		return keys{shared: req.Key()}, true
	}
	at.shared = sharedKey(req)
	if personal {
		at.own = at.shared + ownKey(req)
	}
	return at, true
}

// passesBy reports headers that ask for something else than what is kept: another state of it
// or, of an operation that names them itself, a part of it or something newer.
func passesBy(name string, route bool) bool {
	switch name {
	case "If-Range", "If-Match", "If-Unmodified-Since":
		return true
	case "Range", "Cache-Control", "If-None-Match", "If-Modified-Since":
		return !route
	}
	return false
}

// partial reports a request for a part, which may be cut from what is kept, and is not kept.
func partial(req *backend.Request) bool { return req.Header["Range"] != nil }

// sharedKey names the request without its credentials.
func sharedKey(req *backend.Request) string {
	if !req.Stream {
		return req.KeyOf(noCaller, func(name string) bool { return !credential(name) })
	}
	own := *req
	own.Method = http.MethodGet // which answers a HEAD, too
	// A streamed request is another one than the same in full: a 404 is an answer to it.
	return "stream " + own.KeyOf(noCaller, func(name string) bool { return poisonous(name) && !credential(name) })
}

const noCaller = ""

// ownKey names the caller, and does not tell the credentials.
func ownKey(req *backend.Request) string {
	sum := sha256.Sum256([]byte(req.KeyOf(req.Caller, credential)))
	return string(sum[:])
}

// credential reports headers that say, or may say, who is asking. One too many costs hits,
// one too few would give somebody the answer of another.
func credential(name string) bool {
	switch name { // the usual ones
	case "Authorization", "Cookie":
		return true
	case "Accept", "Accept-Encoding", "Accept-Language", "Content-Type", "If-Modified-Since", "If-None-Match", "Origin", "User-Agent":
		return false
	}
	for _, part := range [...]string{"auth", "cookie", "token", "key", "secret", "session", "credential", "signature", "tenant", "user", "account"} {
		if containsFold(name, part) {
			return true
		}
	}
	return identity.IsIdentityHeader(name)
}

// poisonous reports headers of a route that services are known to build answers from without
// saying so in Vary: where the client thinks it is, and which coding it takes.
func poisonous(name string) bool {
	switch name {
	case "Accept-Encoding", "Origin", "Forwarded", "X-Host", "X-Real-Ip":
		return true
	}
	for _, prefix := range [...]string{"X-Forwarded", "X-Original", "X-Rewrite", "X-Http-", "X-Method"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// containsFold looks for part, which is in lower case.
func containsFold(s, part string) bool {
	for i := 0; i+len(part) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// everything stands for all headers in an entry's vary.
const everything = "*"

// varies are the headers that an answer to req depends on and that are not in its keys; nil
// is none.
func varies(req *backend.Request, e *Entry) []string {
	if req.Stream && e.silent {
		return []string{everything}
	}
	names := cache.Vary(e.res.Header)
	if !req.Stream {
		names = slices.DeleteFunc(names, func(name string) bool { return !credential(name) })
	}
	if len(names) == 0 {
		return nil
	}
	return names
}

// variant names a request among those that differ in the headers of names.
func variant(names []string, h http.Header) string {
	if names[0] != everything {
		return cache.Variant(names, h)
	}
	all := make([]string, 0, len(h))
	for name := range h {
		if name != "If-None-Match" && name != "If-Modified-Since" && name != "Range" {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return cache.Variant(all, h)
}
