package ratelimit

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/facet-bff/facet/shared/config"
)

// Under any concurrency a burst is a burst, of each client.
func TestConcurrency(t *testing.T) {
	l, now := New(&Config{Rate: 1, Burst: 100, MaxKeys: 100_000}), time.Now()
	allowed := make([]atomic.Int64, 50)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for i := range 50 * len(allowed) {
				if who := i % len(allowed); l.Allow(key(who), now).Allowed {
					allowed[who].Add(1)
				}
			}
		})
	}
	all.Wait()
	for who := range allowed {
		if n := allowed[who].Load(); n != 100 {
			t.Errorf("%d: %d of 100 are allowed", who, n)
		}
	}
}

// Memory is what max_keys says from the beginning, and nothing is added to it.
func TestMemory(t *testing.T) {
	for _, most := range []int{16, 17, 31, 32, 1000, 100_000} {
		if got := len(New(&Config{Rate: 1, Burst: 1, MaxKeys: most}).sets) * ways; got > most || got <= most-ways {
			t.Errorf("max_keys %d makes %d buckets", most, got)
		}
	}
	if size := unsafe.Sizeof(set{}) / ways; size > 17 {
		t.Errorf("a bucket takes %d bytes", size)
	}
	l, i := New(&Config{Rate: 1, Burst: 1, MaxKeys: 160}), uint64(0)
	if n := testing.AllocsPerRun(10_000, func() {
		i++
		l.Allow(network(i), time.Now()) // never seen before
		l.Allow(Key{Issuer: "https://issuer.test", Subject: "u1"}, time.Now())
	}); n != 0 {
		t.Errorf("a check allocates %v times", n)
	}
}

// network is the i-th /64 of a provider's.
func network(i uint64) Key {
	address := [16]byte{0x20, 0x01, 0x0d, 0xb8}
	binary.BigEndian.PutUint32(address[4:], uint32(i))
	return Key{Network: netip.PrefixFrom(netip.AddrFrom16(address), 64)}
}

// Somebody with more names than there are buckets gets nothing back by using them, and
// takes nothing from others as long as the buckets fill faster than it empties them.
func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, names := New(&Config{Rate: 10, Burst: 10, MaxKeys: 1600}), uint64(0)
		for second := range 100 {
			spent, more := Key{Subject: fmt.Sprint("spent", second)}, 0
			for range 10 {
				l.Allow(spent, time.Now())
			}
			for range 100 { // 10 000 names in a second, of the 16 000 tokens that there are
				for range 100 {
					names++
					l.Allow(network(names), time.Now())
				}
				if l.Allow(spent, time.Now()).Allowed {
					more++
				}
				time.Sleep(10 * time.Millisecond)
			}
			if more > 10 {
				t.Errorf("whoever has spent its burst gets %d in a second, of 10", more)
			}
			if !l.Allow(key(second), time.Now()).Allowed {
				t.Errorf("somebody innocent is refused in second %d", second)
			}
		}
	})
}

// Clients differ in every part of their names, however these are put together.
func TestKeys(t *testing.T) {
	keys := []Key{
		{}, {Issuer: "ab", Subject: "c"}, {Issuer: "a", Subject: "bc"}, {Subject: "abc"}, {Issuer: "abc"},
		{Network: netip.MustParsePrefix("10.0.0.1/32")}, {Network: netip.MustParsePrefix("10.0.0.2/32")},
		{Network: netip.MustParsePrefix("2001:db8::/64")}, {Network: netip.MustParsePrefix("2001:db8:0:1::/64")},
		{Network: netip.MustParsePrefix("::/64")}, {Network: netip.MustParsePrefix("::/128")}, {Subject: "10.0.0.1"},
	}
	l, now := New(&Config{Rate: 1, Burst: 1, MaxKeys: 100_000}), time.Now()
	for _, k := range keys {
		if !l.Allow(k, now).Allowed {
			t.Errorf("%+v shares a bucket", k)
		}
	}
	for _, k := range slices.Backward(keys) {
		if l.Allow(k, now).Allowed {
			t.Errorf("%+v has two buckets", k)
		}
	}
}

func TestQuota(t *testing.T) {
	for _, tt := range []struct {
		Config
		window time.Duration
	}{
		{Config{Rate: 10, Burst: 20}, 2 * time.Second}, {Config{Rate: 1e6, Burst: 1e6}, time.Second},
		{Config{Rate: 3, Burst: 1}, 333333334}, {Config{Rate: 1000.0 / 86400, Burst: 1000}, 24 * time.Hour},
	} {
		if n, window := New(&tt.Config).Quota(); n != tt.Burst || window != tt.window {
			t.Errorf("%+v: %d in %v", tt.Config, n, window)
		}
	}
}

func TestConfig(t *testing.T) {
	for text, want := range map[string]string{
		"rate: 0.5\nburst: 3":                   "",
		"rate: 1e-3\nburst: 31536":              "",
		"burst: 1":                              "limit:1:1: rate: is required",
		"rate: 1":                               "limit:1:1: burst: is required",
		"rate: 0\nburst: 0":                     "limit:1:7: rate: is required and must not be zero\nlimit:2:8: burst: is required and must not be zero",
		"burst: -1\nrate: -1":                   "limit:1:8: burst: must be at least 1\nlimit:2:7: rate: must be more than 0",
		"rate: 2e6\nburst: 1":                   "limit:1:7: rate: must be at most 1000000",
		"rate: often\nburst: 1.5":               "limit:1:7: rate: expected a number, found a string\nlimit:2:8: burst: expected an integer, found a number",
		"rate: 1\nburst: 1\nmax_keys: 15":       "limit:3:11: max_keys: must be at least 16",
		"rate: 1\nburst: 1\nmax_keys: 10000001": "limit:3:11: max_keys: must be at most 10000000",
		"rate: 1e-3\nburst: 31537":              "limit:1:1: burst: takes more than a year to be there again at this rate",
		"rate: 1\nburst: 1\nper: 1m":            `limit:3:1: per: unknown key`,
	} {
		c, err := config.Load[Config](config.Sources{Default: []byte(text), DefaultName: "limit"})
		if want == "" && (err != nil || c.MaxKeys != 100_000) || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%q: got %+v, %v\nwant %s", text, c, err, want)
		}
	}
}
