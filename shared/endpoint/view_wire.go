package endpoint

import (
	"encoding/binary"

	"github.com/facet-bff/facet/shared/cache"
)

// viewCodec writes views for other replicas. Whoever changes what a View has, or the codings,
// changes viewVersion too: replicas of both kinds run side by side for a while, and what one
// of them cannot read is a miss.
var viewCodec = cache.Codec[*View]{Append: appendView, Read: readView}

const viewVersion = 1

func appendView(b []byte, v *View) []byte {
	b = append(b, viewVersion)
	b = cache.AppendText(b, v.etag[0])
	b = cache.AppendText(b, v.plain.body)
	b = binary.AppendUvarint(b, uint64(len(v.coded)))
	for _, r := range v.coded {
		b = cache.AppendText(b, r.body)
	}
	return b
}

func readView(r *cache.Reader) *View {
	if r.Uint() != viewVersion {
		r.Fail()
	}
	v := &View{etag: []string{r.Text()}, plain: newRepresentation(r.Bytes())}
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
