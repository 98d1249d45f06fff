package policy

import (
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/facet-bff/facet/shared/backend"
)

// An Entry is an answer in a cache. It is immutable.
type Entry struct {
	res  *backend.Response // complete
	made time.Time         // when the service made it, by our clock
}

// Cost is about how many bytes of memory the entry takes, for cache.New.
func (e *Entry) Cost() int64 {
	const fixed, perValue = 256, 64 // structs and maps
	n := fixed + len(e.res.Body)
	for name, values := range e.res.Header {
		n += len(name) + perValue
		for _, v := range values {
			n += len(v) + perValue
		}
	}
	return int64(n)
}

// answer is the entry as the answer to req. A route passes headers on, so it gets the
// answer's Age (RFC 9111, 5.1).
func (e *Entry) answer(req *backend.Request) *backend.Response {
	if !req.Stream {
		return e.res
	}
	own := *e.res
	own.Header = make(http.Header, len(e.res.Header)+1)
	maps.Copy(own.Header, e.res.Header)
	own.Header["Age"] = []string{strconv.FormatInt(int64(time.Since(e.made)/time.Second), 10)}
	return &own
}
