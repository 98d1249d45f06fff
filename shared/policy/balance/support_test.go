package balance

import (
	"math/rand/v2"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ejects is the section "eject" as its defaults make it.
var ejects = EjectConfig{Failures: 5, SlowFactor: 5, Base: 10 * time.Second, Max: 5 * time.Minute}

// with is a balancer whose draws are the same in each run.
func with(c Config, list ...discover.Instance) *Balancer {
	b := New("catalog", c, observe.NewMetrics("test"), list)
	b.random = rand.New(rand.NewPCG(1, 2)).Uint64
	return b
}

func loaded(list ...discover.Instance) *Balancer {
	return with(Config{Strategy: "least_loaded", Eject: ejects}, list...)
}

var (
	errBroken error = &fault.Error{Kind: fault.Broken}
	errGone   error = &fault.Error{Kind: fault.Gone}
)

// A behaviour is what calls to an instance meet: how long they take, and how they end.
type behaviour func() (time.Duration, error)

func takes(d time.Duration) behaviour { return func() (time.Duration, error) { return d, nil } }

// traffic makes a number of calls, one each pause, and counts them by where they went. The
// time is the bubble's; only once all calls are over it returns.
func traffic(t *testing.T, b *Balancer, calls int, pause time.Duration, instances map[string]behaviour) map[string]int {
	t.Helper()
	went := map[string]int{}
	for range calls {
		call, ok := b.Begin(nil)
		if !ok {
			t.Fatal("there is no instance")
		}
		went[call.URL()]++
		took, err := instances[call.URL()]()
		time.AfterFunc(took, func() { call.End(err); call.Leave() })
		time.Sleep(pause)
	}
	time.Sleep(time.Minute) // longer than any call
	return went
}

func alike(d time.Duration, urls ...string) map[string]behaviour {
	all := map[string]behaviour{}
	for _, u := range urls {
		all[u] = takes(d)
	}
	return all
}

// of returns what is known of one instance.
func of(t *testing.T, b *Balancer, url string) State {
	t.Helper()
	list, _ := b.State()
	for _, s := range list {
		if s.URL == url {
			return s
		}
	}
	t.Fatalf("there is no %s", url)
	return State{}
}

func ejected(b *Balancer) (n int) {
	list, _ := b.State()
	for _, s := range list {
		if !s.EjectedUntil.IsZero() {
			n++
		}
	}
	return n
}

// part of all is between two bounds.
func between(t *testing.T, what string, n, all int, low, high float64) {
	t.Helper()
	if part := float64(n) / float64(all); part < low || part > high {
		t.Errorf("%s: %d of %d are %.3f, want %.3f to %.3f", what, n, all, part, low, high)
	}
}
