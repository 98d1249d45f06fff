package cache

import (
	"testing"
	"time"
)

// RFC 9111, 5.2.1.
func TestWishes(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		name, control    string
		age, left        time.Duration
		want, wantAlways bool // with all wishes, and with harmless ones only
	}{
		{"none", "", 9 * s, 1 * s, true, true},
		{"what is unknown", "nothing-to-see-here", 9 * s, 1 * s, true, true},
		{"no-cache (5.2.1.4)", "no-cache", 0, 9 * s, false, true},
		{"max-age (5.2.1.1)", "max-age=9", 9 * s, 1 * s, true, true},
		{"an older one", "max-age=9", 10 * s, 1 * s, false, true},
		{"max-age=0", "max-age=0", 0, 9 * s, false, true},
		{"a malformed max-age", "max-age=x", 0, 9 * s, false, true},
		{"min-fresh (5.2.1.3)", "min-fresh=9", 0, 9 * s, true, true},
		{"one that is fresh for less", "min-fresh=9", 0, 8 * s, false, true},
	} {
		w := ReadWishes([]string{c.control}, nil)
		if got := w.Satisfied(c.age, c.left); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		if got := w.Harmless().Satisfied(c.age, c.left); got != c.wantAlways {
			t.Errorf("%s, harmless: %v", c.name, got)
		}
	}
	for control, want := range map[string]bool{"": false, "max-stale": true, "max-stale=9": true, "max-stale=8": false} {
		if got := ReadWishes([]string{control}, nil).TakesStale(9 * s); got != want {
			t.Errorf("%s (5.2.1.2): %v", control, got)
		}
	}
	all := ReadWishes([]string{"no-store, only-if-cached"}, nil)
	if w := all.Harmless(); !w.NoStore || !w.OnlyIfCached {
		t.Errorf("%+v", w)
	}
	if !ReadWishes(nil, []string{"no-cache"}).Revalidate || ReadWishes([]string{"x"}, []string{"no-cache"}).Revalidate {
		t.Error("Pragma counts where Cache-Control is not there, and only there (5.4)")
	}
}
