package cache

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// memory is what is in use, and what this process has of the system for it: but for what the
// race detector needs besides, and for garbage.
func memory() (live, resident int64) {
	debug.FreeOSMemory()
	debug.FreeOSMemory() // what the first one has found is free after the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	of := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(of)
	return int64(m.HeapAlloc), int64(of[0].Value.Uint64() - of[1].Value.Uint64())
}

// A store takes the memory that it may and no more, however many keys come that there is no
// room for, and of whatever size their values are: up to sixteen times its limit, as a
// million values of 1 KiB are of 64 MiB. Once it is full, the process does not grow.
func TestTheMemoryOfAllEntriesIsBounded(t *testing.T) {
	const limit, times, most = 4 << 20, 16, 60_000
	for _, size := range []int{64, 1 << 10, 16 << 10} {
		t.Run(fmt.Sprint(size, " bytes"), func(t *testing.T) {
			s, err := New(Config{MaxBytes: limit}, func(b []byte) int64 { return int64(len(b)) })
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			keys := min(times*limit/size, most)
			before, _ := memory()
			fill := func(from, to int) (part float64, resident int64) {
				for i := from; i < to; i++ {
					s.Set(fmt.Sprint("GET /products/", i), make([]byte, size), time.Hour)
				}
				live, resident := memory()
				return float64(live-before) / limit, resident
			}
			part, has := fill(0, keys/2)
			later, finally := fill(keys/2, keys)
			if max(part, later) > 1.25 || min(part, later) < 0.75 {
				t.Errorf("%d keys take %.2f of the limit, and later %.2f", keys, part, later)
			}
			if float64(finally) > 1.25*float64(has)+limit { // pages may be half empty
				t.Errorf("the process has %d KiB, and later %d", has>>10, finally>>10)
			}
			t.Logf("%d keys take %.2f of the limit; the process has %d KiB, and later %d", keys, later, has>>10, finally>>10)
		})
	}
}
