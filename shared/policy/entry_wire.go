package policy

import (
	"encoding/binary"
	"net/http"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/cache/pack"
)

// entryCodec writes entries for other replicas. Whoever changes what an Entry has changes it
// here too, and adds one to entryVersion: replicas of both kinds run side by side for a while,
// and what one of them cannot read is a miss.
var entryCodec = cache.Codec[*Entry]{Append: appendEntry, Read: readEntry}

const entryVersion = 2

func appendEntry(b []byte, e *Entry) []byte {
	b = append(b, entryVersion)
	b = pack.AppendFlags(b, e.strict, e.public, e.silent, e.res != nil)
	for _, t := range [...]time.Time{e.asked, e.made, e.fresh, e.spare, e.rescue} {
		b = binary.AppendVarint(b, t.UnixMicro())
	}
	b = pack.AppendText(b, e.of)
	b = binary.AppendUvarint(b, uint64(len(e.vary)))
	for _, name := range e.vary {
		b = pack.AppendText(b, name)
	}
	if e.res == nil {
		return b
	}
	b = binary.AppendUvarint(b, uint64(e.res.Status))
	b = binary.AppendUvarint(b, uint64(len(e.res.Header)))
	for name, values := range e.res.Header {
		b = pack.AppendText(b, name)
		b = binary.AppendUvarint(b, uint64(len(values)))
		for _, value := range values {
			b = pack.AppendText(b, value)
		}
	}
	return pack.AppendText(b, e.res.Body)
}

func readEntry(r *pack.Reader) *Entry {
	if r.Uint() != entryVersion {
		r.Fail()
	}
	e, complete := &Entry{}, false
	r.Flags(&e.strict, &e.public, &e.silent, &complete)
	for _, t := range [...]*time.Time{&e.asked, &e.made, &e.fresh, &e.spare, &e.rescue} {
		*t = time.UnixMicro(r.Int())
	}
	e.of = r.Text()
	for range r.Count() {
		e.vary = append(e.vary, r.Text())
	}
	if complete == (e.vary != nil) {
		r.Fail() // it is an answer, or says where there are some
	}
	if complete {
		e.res = readResponse(r)
	}
	return e
}

func readResponse(r *pack.Reader) *backend.Response {
	res := &backend.Response{Status: int(r.Uint()), Header: http.Header{}}
	for range r.Count() {
		name := r.Text()
		values := make([]string, r.Count())
		for i := range values {
			values[i] = r.Text()
		}
		res.Header[name] = values
	}
	res.Body = r.Bytes()
	return res
}
