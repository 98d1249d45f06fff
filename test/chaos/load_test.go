package chaos_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/demo/stage"
	"github.com/facet-bff/facet/test/shop/faults"
)

const (
	// survival is the share of safe requests that succeed while one of three instances is
	// dead, but for the noticed, by which a gateway notices.
	survival = 0.999
	noticed  = 5

	// amplification is how many calls a request may cost a service that always fails, if it
	// costs one call otherwise: the retry budget is a tenth, and there are no hedges.
	amplification = 1.1
)

// A load is what some clients got, each of which asks again when it is answered.
type load struct {
	requests, succeeded atomic.Int64
	slowest             atomic.Int64 // a duration
	mu                  sync.Mutex
	others              map[string]int // what else they got
}

// loadFor asks a mobile gateway for products, of which no two at a time are the same.
func loadFor(g *stage.Gateway, duration time.Duration) *load {
	const clients, each, pause = 8, 12, 5 * time.Millisecond
	l := &load{others: map[string]int{}}
	var group sync.WaitGroup
	for c := range clients {
		group.Go(func() {
			n := 0
			for end := time.Now().Add(duration); time.Now().Before(end); time.Sleep(pause) {
				l.count(ask("GET", fmt.Sprintf("%s/v1/products/p%d", g.URL, 1+c*each+n%each), "", ""))
				n++
			}
		})
	}
	group.Wait()
	return l
}

func (l *load) count(a answer) {
	l.requests.Add(1)
	for {
		slowest := l.slowest.Load()
		if int64(a.took) <= slowest || l.slowest.CompareAndSwap(slowest, int64(a.took)) {
			break
		}
	}
	if a.status == 200 && !strings.Contains(a.degraded, "price") {
		l.succeeded.Add(1)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.others[strings.TrimSuffix(fmt.Sprint(outcome(a), " ", a.degraded), " ")]++
}

// lasts is how long loads last.
func lasts(short, long time.Duration) time.Duration {
	if *full {
		return long
	}
	return short
}

// While everything fails, no service gets more than a tenth on top of what is asked of it,
// with the budget that is the default, and however many attempts a call may have.
func TestAmplification(t *testing.T) {
	for name, c := range map[string]struct {
		fault    faults.Fault
		settings []string
	}{
		"every service answers 503":                {faults.Fault{Status: 503}, nil},
		"every service answers 503, four attempts": {faults.Fault{Status: 503}, stage.Each("bff-mobile", "RETRY__ATTEMPTS=4")},
		"every service resets":                     {faults.Fault{Reset: true}, nil},
		"half of the calls fail":                   {faults.Fault{Status: 503, ErrorRate: new(0.5)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			g := s.start(t, "bff-mobile", append(stage.Uncached("bff-mobile"), c.settings...))
			s.mend(t)
			if err := shop.Put(t.Context(), "all", c.fault); err != nil {
				t.Fatal(err)
			}
			l := loadFor(g, lasts(1500*time.Millisecond, 2*time.Second))
			requests, most := float64(l.requests.Load()), 0.0
			for _, service := range []string{"catalog", "pricing", "inventory"} {
				most = max(most, float64(s.arrived(t, service))/requests)
			}
			row := line{
				fault: name, endpoint: "mobile product, under load", status: l.got(), time: l.time(time.Second),
				calls: fmt.Sprintf("%.2f / %.2f a request", most, amplification),
			}
			if requests < 50 || most > amplification || most < 0.5 {
				row.wrong = append(row.wrong, fmt.Sprintf("%.3f calls a request, of %.0f", most, requests))
			}
			finish(t, row)
		})
	}
}

// With one of three instances dead, hardly anybody notices.
func TestOneOfThreeInstancesIsDead(t *testing.T) {
	for name, dead := range map[string]behaviour{
		"one of three instances refuses": nil,
		"one of three instances hangs":   silent,
		"one of three instances resets":  resets,
		"one of three instances fails":   says("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			others := [2]*front{}
			for i := range others {
				f, err := newFront(s.fronts["catalog"].service)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(f.close)
				others[i] = f
			}
			g := s.startInstances(t, "catalog", others[:]...)
			loadFor(g, 300*time.Millisecond) // all have been asked
			if others[0].change(t, dead, ""); dead == nil {
				others[0].refuse()
			}
			l := loadFor(g, lasts(2*time.Second, 3*time.Second))
			row := line{
				fault: name, endpoint: "mobile product, under load", status: l.got(), time: l.time(time.Second),
				calls: fmt.Sprintf("%.3f %% of %d succeed / %.1f %%", 100*l.success(), l.requests.Load(), 100*survival),
			}
			lost := l.requests.Load() - l.succeeded.Load()
			if l.requests.Load() < 50 || lost > noticed && l.success() < survival {
				row.wrong = append(row.wrong, fmt.Sprintf("%.3f %% of %d succeed", 100*l.success(), l.requests.Load()))
			}
			finish(t, row)
		})
	}
}

// startInstances starts a mobile gateway that has a service at its front and at others.
func (s *scene) startInstances(t *testing.T, service string, others ...*front) *stage.Gateway {
	t.Helper()
	instances := []string{s.fronts[service].url()}
	for _, f := range others {
		instances = append(instances, f.url())
	}
	config := fmt.Sprintf("services:\n  %s:\n    instances: [%s]\n", service, strings.Join(instances, ", "))
	file := filepath.Join(t.TempDir(), "instances.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{setting(service, "URL", ""), setting(service, "CACHE__TTL", "0s")}
	return s.start(t, "bff-mobile", env, "-config", file)
}

func (l *load) success() float64 { return float64(l.succeeded.Load()) / float64(l.requests.Load()) }

// got says how often what came.
func (l *load) got() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := []string{fmt.Sprintf("%d succeed", l.succeeded.Load())}
	for what, n := range l.others {
		all = append(all, fmt.Sprintf("%d: %s", n, strings.ReplaceAll(what, ";reason=", ": ")))
	}
	return strings.Join(all, ", ")
}

func (l *load) time(budget time.Duration) string {
	return fmt.Sprintf("%d / %d ms", time.Duration(l.slowest.Load()).Milliseconds(), budget.Milliseconds())
}

// finish puts a line into the table.
func finish(t *testing.T, l line) {
	t.Helper()
	report.add(l)
	for _, wrong := range l.wrong {
		t.Errorf("%s: %s; %s", l.fault, wrong, l.status)
	}
}
