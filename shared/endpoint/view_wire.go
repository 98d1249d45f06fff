package endpoint

import (
	"encoding/binary"
	"time"

	"github.com/facet-bff/facet/shared/cache"
	"github.com/facet-bff/facet/shared/cache/pack"
)

// viewCodec writes views for other replicas. Whoever changes what a View has, or the codings,
// changes viewVersion too: replicas of both kinds run side by side for a while, and what one
// of them cannot read is a miss.
var viewCodec = cache.Codec[*View]{Append: appendView, Read: readView}

const viewVersion = 2

func appendView(b []byte, v *View) []byte {
	b = append(b, viewVersion)
	b = binary.AppendVarint(b, v.keeping.Until.UnixMicro())
	b = pack.AppendText(b, v.of)
	b = pack.AppendFlags(b, v.keeping.Silent, v.keeping.Private, v.keeping.Never)
	b = pack.AppendText(b, v.etag[0])
	b = pack.AppendText(b, v.plain.body)
	b = binary.AppendUvarint(b, uint64(len(v.coded)))
	for _, r := range v.coded {
		b = pack.AppendText(b, r.body)
	}
	return b
}

func readView(r *pack.Reader) *View {
	if r.Uint() != viewVersion {
		r.Fail()
	}
	v := &View{}
	if until := time.UnixMicro(r.Int()); !until.Equal(time.Time{}) {
		v.keeping.Until = until
	}
	v.of = r.Text()
	r.Flags(&v.keeping.Silent, &v.keeping.Private, &v.keeping.Never)
	v.etag, v.plain = []string{r.Text()}, newRepresentation(r.Bytes())
	n := r.Count()
	if n != 0 && n != len(codings) {
		r.Fail()
		return v
	}
	for range n {
		v.coded = append(v.coded, newRepresentation(r.Bytes()))
	}
	return v
}
