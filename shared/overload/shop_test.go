package overload

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const millis = time.Millisecond

var defaults = Config{Min: 16, Max: 1000, Initial: 100, Tolerance: 1.5}

// A shop is what stands behind a limiter: it does so many things at a time, and the others
// queue, first come, first served.
type shop struct {
	*Limiter
	watch  *watch
	places chan struct{}
	takes  time.Duration // each on the average, when there is no queue
	all    sync.WaitGroup
}

func open(places int, takes time.Duration) *shop {
	w := &watch{refused: map[string]int{}}
	return &shop{Limiter: New(&defaults, w), watch: w, places: make(chan struct{}, places), takes: takes}
}

// capacity is how many it can do in a second.
func (s *shop) capacity() float64 { return float64(cap(s.places)) / s.takes.Seconds() }

// A crowd is requests that come at random moments, and what became of them.
type crowd struct {
	gate *Gate
	r    *http.Request
	rate float64 // per second
	part float64 // of the time that the shop takes, for each; 0: all of it

	mu      sync.Mutex
	served  []time.Duration
	refused int
	spared  int
}

// serve lets crowds come for d, and waits until all have been served.
func (s *shop) serve(d time.Duration, crowds ...*crowd) {
	for i, c := range crowds {
		c.served, c.refused, c.spared = nil, 0, 0
		s.all.Go(func() { s.come(c, d, rand.New(rand.NewPCG(uint64(i), 1))) })
	}
	s.all.Wait()
	synctest.Wait()
}

func (s *shop) come(c *crowd, d time.Duration, random *rand.Rand) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(time.Duration(random.ExpFloat64() / c.rate * float64(time.Second)))
		place, err := c.gate.Enter(c.r)
		if err != nil {
			c.refused++
			continue
		}
		takes := (0.7 + 0.6*random.Float64()) * float64(s.takes)
		if c.part > 0 {
			takes *= c.part
		}
		run := Whole
		if s.Spare() {
			run = Spared
			c.spared++
		}
		s.all.Go(func() {
			began := time.Now()
			s.places <- struct{}{}
			time.Sleep(time.Duration(takes))
			<-s.places
			place.Leave(run)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.served = append(c.served, time.Since(began))
		})
	}
}

// p99 is of the times that it took to be served.
func (c *crowd) p99() time.Duration {
	slices.Sort(c.served)
	return c.served[len(c.served)*99/100]
}

// A watch remembers what it is told.
type watch struct {
	mu      sync.Mutex
	refused map[string]int
	limit   atomic.Int64
}

func (w *watch) Refused(priority string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused[priority]++
}

func (w *watch) LimitChanged(limit int) { w.limit.Store(int64(limit)) }

func request(method string, headers ...string) *http.Request {
	r := &http.Request{Method: method, Header: http.Header{}}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

var (
	reading = request(http.MethodGet)
	writing = request(http.MethodPost)
)
