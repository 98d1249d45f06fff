package endpoint

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/cache/pack"
	"github.com/facet-bff/facet/shared/observe"
)

func TestAViewIsReadAsItWas(t *testing.T) {
	for _, body := range []string{`{}`, strings.Repeat("view ", 1000)} {
		v := newView([]byte(body), 1000)
		if len(body) > 1000 {
			v.of, v.keeping = "web.product", observe.Keeping{Until: time.UnixMicro(1), Private: true}
		}
		b := appendView(nil, v)
		r := pack.NewReader(bytes.Clone(b))
		if got := readView(r); !r.Done() || !reflect.DeepEqual(got, v) {
			t.Errorf("got %.200v, want %.200v", got, v)
		}
		for n := range b {
			if r := pack.NewReader(b[:n]); readView(r) != nil && r.Done() {
				t.Fatalf("%d of %d bytes were taken for whole", n, len(b))
			}
		}
		b[0]++
		if r := pack.NewReader(b); readView(r) != nil && r.Done() {
			t.Error("another version was read")
		}
	}
}
