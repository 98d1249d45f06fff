package policy

import (
	"encoding/binary"
	"net/http"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
)

// entryCodec writes entries for other replicas. Whoever changes what an Entry has changes it
// here too, and adds one to entryVersion: replicas of both kinds run side by side for a while,
// and what one of them cannot read is a miss.
var entryCodec = cache.Codec[*Entry]{Append: appendEntry, Read: readEntry}

const entryVersion = 1

func appendEntry(b []byte, e *Entry) []byte {
	b = append(b, entryVersion)
	b = binary.AppendVarint(b, e.made.UnixMicro())
	b = binary.AppendUvarint(b, uint64(e.res.Status))
	b = binary.AppendUvarint(b, uint64(len(e.res.Header)))
	for name, values := range e.res.Header {
		b = cache.AppendText(b, name)
		b = binary.AppendUvarint(b, uint64(len(values)))
		for _, value := range values {
			b = cache.AppendText(b, value)
		}
	}
	return cache.AppendText(b, e.res.Body)
}

func readEntry(r *cache.Reader) *Entry {
	if r.Uint() != entryVersion {
		r.Fail()
	}
	e := &Entry{made: time.UnixMicro(r.Int()), res: &backend.Response{Status: int(r.Uint()), Header: http.Header{}}}
	for range r.Count() {
		name := r.Text()
		values := make([]string, r.Count())
		for i := range values {
			values[i] = r.Text()
		}
		e.res.Header[name] = values
	}
	e.res.Body = r.Bytes()
	return e
}
