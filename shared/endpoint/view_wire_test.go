package endpoint

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/cache"
)

func TestAViewIsReadAsItWas(t *testing.T) {
	for _, body := range []string{`{}`, strings.Repeat("view ", 1000)} {
		v := newView([]byte(body), 1000)
		b := appendView(nil, v)
		r := cache.NewReader(bytes.Clone(b))
		if got := readView(r); !r.Done() || !reflect.DeepEqual(got, v) {
			t.Errorf("got %.200v, want %.200v", got, v)
		}
		for n := range b {
			if r := cache.NewReader(b[:n]); readView(r) != nil && r.Done() {
				t.Fatalf("%d of %d bytes were taken for whole", n, len(b))
			}
		}
		b[0]++
		if r := cache.NewReader(b); readView(r) != nil && r.Done() {
			t.Error("another version was read")
		}
	}
}
