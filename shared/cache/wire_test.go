package cache

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestASealedValueIsReadAsItWas(t *testing.T) {
	g := NewEpochs("bff-test", nil, 0)
	for _, value := range []string{"", "v", strings.Repeat("v", packFrom), strings.Repeat("many words ", 100_000)} {
		stamps := g.Answer("catalog", "/k", []string{"a", "b"})
		sealed := seal(texts, "key", 7, stamps, value)
		if len(value) > packFrom && len(sealed) > len(value)/10 {
			t.Errorf("%d bytes of %d", len(sealed), len(value))
		}
		got, era, s, err := unseal(texts, "key", sealed)
		if got != value || era != 7 || err != nil || !s.taken.Equal(stamps.taken.Truncate(time.Microsecond)) || !g.Hold(s) {
			t.Errorf("%.10q: got %.10q, era %d, %v", value, got, era, err)
		}
		if len(s.list) != 5 {
			t.Errorf("%d stamps", len(s.list))
		}
		g.Purge(t.Context(), Purge{Tags: []string{"b"}})
		if g.Hold(s) {
			t.Error("a purge has no effect")
		}
	}
}

// What is not sealed is never read, whatever it is, and never too much memory is taken.
func FuzzUnseal(f *testing.F) {
	f.Add([]byte{})
	f.Add(seal(texts, "key", 1, Stamps{}, "value"))
	f.Add(seal(texts, "key", 1, Stamps{}, strings.Repeat("value", 1000)))
	f.Add([]byte{1, 1, 0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, _, _, err := unseal(texts, "key", b)
		if err == nil && !bytes.HasPrefix(b, []byte{version}) {
			t.Errorf("read %q", v)
		}
	})
}
