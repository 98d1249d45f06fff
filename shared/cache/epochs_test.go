package cache

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// purgeable returns a store and the epochs that purge it.
func purgeable(t *testing.T) (*Store[string], *Epochs) {
	t.Helper()
	g := NewEpochs("bff-test", nil, 0)
	s, err := Open(Config{MaxBytes: 1 << 20}, size, Options[string]{Shared: Shared{Epochs: g}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, g
}

func TestWhatAPurgeTakes(t *testing.T) {
	for name, c := range map[string]struct {
		purge Purge
		left  string
	}{
		"a tag":              {Purge{Tags: []string{"product:1"}}, "product 2, price"},
		"another tag":        {Purge{Tags: []string{"list", "none"}}, "product 1, product 2, price"},
		"a service":          {Purge{Services: []string{"catalog"}}, "price"},
		"another's":          {Purge{Services: []string{"orders"}}, "product 1, product 2, search, price"},
		"a path":             {Purge{Paths: []Path{{"catalog", "/products/2"}}}, "product 1, search, price"},
		"another's path":     {Purge{Paths: []Path{{"pricing", "/products/2"}}}, "product 1, product 2, search, price"},
		"a tag is no path":   {Purge{Tags: []string{"catalog", "/products/2"}}, "product 1, product 2, search, price"},
		"all":                {Purge{All: true}, ""},
		"several":            {Purge{Tags: []string{"product:2"}, Services: []string{"pricing"}}, "product 1, search"},
		"two tags of search": {Purge{Tags: []string{"product:1", "list"}}, "product 2, price"},
	} {
		t.Run(name, func(t *testing.T) {
			s, g := purgeable(t)
			put := func(key, service, path string, tags ...string) {
				s.Put(t.Context(), key, key, time.Minute, g.Answer(service, path, tags))
			}
			put("product 1", "catalog", "/products/1", "product:1")
			put("product 2", "catalog", "/products/2", "product:2")
			put("search", "catalog", "/search?q=a", "list", "product:1")
			put("price", "pricing", "/prices/1")
			if !g.Purge(t.Context(), c.purge) {
				t.Error("not everybody knows, and there is nobody else")
			}
			left := ""
			for _, key := range []string{"product 1", "product 2", "search", "price"} {
				if _, ok := s.Get(key); ok {
					if left != "" {
						left += ", "
					}
					left += key
				}
			}
			if left != c.left {
				t.Errorf("left %q, want %q", left, c.left)
			}
		})
	}
}

// An answer that was asked for before the purge is out of date, although it came after.
func TestWhatIsBeingMadeIsPurged(t *testing.T) {
	s, g := purgeable(t)
	before := g.Answer("catalog", "/products/1", []string{"product:1"})
	g.Purge(t.Context(), Purge{Tags: []string{"product:1"}})
	s.Put(t.Context(), "k", "old", time.Minute, before)
	if v, ok := s.Get("k"); ok {
		t.Errorf("got %q", v)
	}
	s.Put(t.Context(), "k", "new", time.Minute, g.Answer("catalog", "/products/1", []string{"product:1"}))
	if v, ok := s.Get("k"); !ok || v != "new" {
		t.Errorf("got %q, %v", v, ok)
	}
}

// Writes purge the paths that clients make up, and tags with whatever is in them. However many
// those are, they never happen upon all answers of a service, or of the gateway.
func TestManyPurgesDoNotEmptyTheCache(t *testing.T) {
	g := NewEpochs("bff-test", nil, 0)
	whole := g.Answer("catalog", "/", nil)
	whole.list = whole.list[:2] // by all, and by its service
	for i := range 300_000 {
		g.Purge(t.Context(), Purge{Paths: []Path{{"beacons", fmt.Sprint("/track?", i)}}, Tags: []string{fmt.Sprint("orders:", i)}})
	}
	if !g.Hold(whole) {
		t.Error("all answers of a service are purged")
	}
}

func TestPurgesInOneInstantAllCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewEpochs("bff-test", nil, 0)
		for range 100 {
			stamps := g.Answer("catalog", "/", nil)
			g.Purge(t.Context(), Purge{All: true})
			if g.Hold(stamps) {
				t.Fatal("a purge was lost")
			}
		}
	})
}

func TestATraceCanBePurgedByEachOfItsParts(t *testing.T) {
	for name, purge := range map[string]Purge{
		"a part's tag": {Tags: []string{"product:2"}}, "a part's service": {Services: []string{"pricing"}},
		"a part's path": {Paths: []Path{{"pricing", "/prices"}}}, "all": {All: true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewEpochs("bff-test", nil, 0)
			ctx, trace := g.Trace(t.Context())
			var group sync.WaitGroup
			for i := range 10 {
				group.Go(func() {
					TraceFrom(ctx).Add(g.Answer("catalog", fmt.Sprint("/products/", i), []string{fmt.Sprint("product:", i)}))
				})
			}
			group.Wait()
			TraceFrom(ctx).Add(g.Answer("pricing", "/prices", nil))
			stamps := trace.Stamps()
			if !g.Hold(stamps) || len(stamps.list) > 24 {
				t.Fatalf("%d stamps", len(stamps.list))
			}
			g.Purge(ctx, purge)
			if g.Hold(stamps) || g.Hold(trace.Stamps()) {
				t.Error("it still holds")
			}
		})
	}
	if TraceFrom(t.Context()) != nil {
		t.Error("a trace of nothing")
	}
}

// A part that was purged while the whole was made makes the whole out of date, although
// another part has the newer epoch.
func TestATraceKeepsTheEarliestStamp(t *testing.T) {
	g := NewEpochs("bff-test", nil, 0)
	_, trace := g.Trace(t.Context())
	trace.Add(g.Answer("catalog", "/1", nil))
	g.Purge(t.Context(), Purge{Services: []string{"catalog"}})
	trace.Add(g.Answer("catalog", "/2", nil))
	if g.Hold(trace.Stamps()) {
		t.Error("it holds")
	}
}

func TestAPurgeThatMeansNothingIsRefused(t *testing.T) {
	many := make([]string, 1001)
	for i := range many {
		many[i] = "t"
	}
	for name, p := range map[string]Purge{
		"empty": {}, "an empty tag": {Tags: []string{""}}, "an empty service": {Services: []string{"a", ""}},
		"half a path": {Paths: []Path{{Service: "catalog"}}}, "too many": {Tags: many},
	} {
		if p.Validate() == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if err := (Purge{All: true}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestNoEpochsPurgeNothing(t *testing.T) {
	var g *Epochs
	if s := g.Answer("a", "b", nil); !g.Hold(s) || !g.Synced() || !g.Purge(context.Background(), Purge{All: true}) || !g.Hold(s) {
		t.Error("nil does something")
	}
	_, trace := g.Trace(t.Context())
	if !g.Hold(trace.Stamps()) {
		t.Error("nil does not hold")
	}
}
