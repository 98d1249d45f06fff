package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/facettest"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

// A counter is a service that serves so many at a time, each in its time. The others
// queue, first come, first served.
type counter struct {
	places chan struct{}
	takes  time.Duration
	served atomic.Int64
	busy   atomic.Int64 // nanoseconds that places were taken
}

func (s *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case s.places <- struct{}{}:
	case <-r.Context().Done():
		return
	}
	began := time.Now()
	time.Sleep(s.takes)
	<-s.places
	s.busy.Add(int64(time.Since(began)))
	s.served.Add(1)
	_, _ = io.WriteString(w, `{"name":"Ada"}`)
}

// A visit is one kind of request, and what came of those that were sent.
type visit struct {
	method, path, purpose string
	rate                  float64 // per second

	mu       sync.Mutex
	served   []time.Duration
	refused  []time.Duration
	degraded int
	wrong    []string // other answers
}

// visits sends them at random moments for d, and waits for the answers.
func (s *crowded) visits(d time.Duration, kinds ...*visit) {
	var all sync.WaitGroup
	for _, v := range kinds {
		v.served, v.refused, v.degraded, v.wrong = nil, nil, 0, nil
		all.Go(func() {
			next := time.Now()
			for end := next.Add(d); next.Before(end); {
				next = next.Add(time.Duration(rand.ExpFloat64() / v.rate * float64(time.Second)))
				time.Sleep(time.Until(next))
				if now := time.Now(); now.Sub(next) > v.pause() {
					next = now // the machine had something else to do, and that shall make no crowd
				}
				all.Go(func() { s.visit(v) })
			}
		})
	}
	all.Wait()
}

func (s *crowded) visit(v *visit) {
	r, _ := http.NewRequest(v.method, s.url+fmt.Sprintf(v.path, s.number.Add(1)), nil)
	if v.purpose != "" {
		r.Header.Set("Sec-Purpose", v.purpose)
	}
	began := time.Now()
	res, err := s.client.Do(r)
	v.mu.Lock()
	defer v.mu.Unlock()
	if err != nil {
		v.wrong = append(v.wrong, err.Error())
		return
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	took := time.Since(began)
	shed := strings.Contains(string(body), `"type":"urn:facet:problem:shed"`)
	switch {
	case res.StatusCode == http.StatusOK:
		v.served = append(v.served, took)
		if res.Header.Get("Facet-Degraded") == "stock;reason=shed" {
			v.degraded++
		}
	case res.StatusCode == http.StatusServiceUnavailable && shed && res.Header.Get("Retry-After") != "":
		v.refused = append(v.refused, took)
	default:
		v.wrong = append(v.wrong, fmt.Sprint(res.StatusCode, " ", string(body)))
	}
}

// pause is between two on the average.
func (v *visit) pause() time.Duration { return time.Duration(float64(time.Second) / v.rate) }

// part is how many of them were served.
func (v *visit) part() float64 {
	return float64(len(v.served)) / float64(len(v.served)+len(v.refused)+len(v.wrong))
}

func percentile(of []time.Duration, p float64) time.Duration {
	if len(of) == 0 {
		return 0
	}
	slices.Sort(of)
	return of[int(p*float64(len(of)))]
}

// A crowded gateway has clients that come in crowds, and a service that is its bottleneck.
type crowded struct {
	*counter
	url, management string
	client          *http.Client
	number          atomic.Int64
}

// crowd runs a gateway over real connections.
func crowd(t *testing.T, places int, takes time.Duration) *crowded {
	t.Helper()
	s := &crowded{counter: &counter{places: make(chan struct{}, places), takes: takes}}
	users := httptest.NewServer(s.counter)
	t.Cleanup(users.Close)
	stock := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "7") }))
	t.Cleanup(stock.Close)
	def := define(fmt.Sprintf("overload: {min: 6, initial: 20}\nservices: {users: {url: '%s'}, stock: {url: '%s'}}\n", users.URL, stock.URL),
		getUser(access.Public), endpoint.POST("/v1/users/{id}", access.Public, userWithStock))
	config, err := gateway.Load(def, "", []string{"FACET_SERVER__DRAIN__DELAY=0s"})
	if err != nil {
		t.Fatal(err)
	}
	config.Server.Address, config.Management.Address = freePort(t), freePort(t)
	g, err := gateway.New(def, config, gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 1000}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	s.url, s.management = "http://"+config.Server.Address, "http://"+config.Management.Address
	s.client = &http.Client{Transport: transport, Timeout: soon}
	for deadline := time.Now().Add(soon); status(s.client, s.management+"/readyz") != http.StatusOK; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never ready")
		}
	}
	return s
}

// At twice what the service can do, the gateway gets nearly all of it, in little more than
// the usual time; writes are served, and what nobody waits for is not. Soon after, all is
// as it was.
func TestTwiceTheCapacity(t *testing.T) {
	// A place of the service takes so long that the processor has little to do, even if it is slow.
	const places, takes = 8, 120 * time.Millisecond
	capacity := places / takes.Seconds()
	s := crowd(t, places, takes)
	some := &visit{method: "GET", path: "/v1/users/%d", rate: 0.5 * capacity}
	reads := &visit{method: "GET", path: "/v1/users/%d", rate: 1.3 * capacity}
	writes := &visit{method: "POST", path: "/v1/users/%d", rate: 0.2 * capacity}
	guesses := &visit{method: "GET", path: "/v1/users/%d", rate: 0.5 * capacity, purpose: "prefetch"}

	s.calm(t, 3, some)
	normal := percentile(some.served, 0.99)
	s.visits(3*time.Second, reads, writes, guesses) // until the limit is found
	var why string
	for range 3 { // the machine may have had something else to do
		if why = s.overloaded(4*time.Second, normal, reads, writes, guesses); why == "" {
			break
		}
		t.Log(why)
	}
	if why != "" {
		t.Error("never as it should be")
	}
	s.wantMetrics(t)
	s.calm(t, 5, some) // it recovers within so many seconds
}

// calm wants a second in which nobody is refused, and nothing shed, within so many.
func (s *crowded) calm(t *testing.T, seconds int, some *visit) {
	t.Helper()
	for range seconds {
		if s.visits(time.Second, some); some.part() == 1 && some.degraded == 0 {
			return
		}
		t.Logf("%.2f are served, %d degraded, others got %q", some.part(), some.degraded, some.wrong)
	}
	t.Errorf("at half the capacity, there were %d seconds without one that was calm", seconds)
}

// wantMetrics looks at the management port, which answers however much there is to do.
func (s *crowded) wantMetrics(t *testing.T) {
	t.Helper()
	res, err := s.client.Get(s.management + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`facet_overload_limit\{gateway="bff-test"\} [1-9]`,
		`facet_overload_refused_total\{gateway="bff-test",priority="background"\} [1-9]`,
		`facet_overload_refused_total\{gateway="bff-test",priority="read"\} [1-9]`,
		`facet_degraded_total\{composition="test.user",gateway="bff-test",reason="shed",step="stock"\} [1-9]`,
	} {
		if !regexp.MustCompile(want).Match(body) {
			t.Errorf("the metrics have no %s", want)
		}
	}
}

// overloaded says what does not hold of d with too many visits; nothing if all does.
func (s *crowded) overloaded(d, normal time.Duration, reads, writes, guesses *visit) string {
	goodput := s.goodput(d, reads, writes, guesses)
	admitted := slices.Concat(reads.served, writes.served, guesses.served)
	refused := slices.Concat(reads.refused, writes.refused, guesses.refused)
	late := percentile(admitted, 0.99)
	degraded := float64(reads.degraded) / float64(len(reads.served))
	seen := fmt.Sprintf("goodput %.2f of the capacity, p99 %v (normal %v), refusals take %v (p99 %v), degraded %.2f of reads, served: writes %.3f, reads %.2f, guesses %.2f, wrong %q",
		goodput, late, normal, percentile(refused, 0.5), percentile(refused, 0.99), degraded, writes.part(), reads.part(), guesses.part(),
		slices.Concat(reads.wrong, writes.wrong, guesses.wrong))
	if goodput < 0.9 || late > 3*normal || percentile(refused, 0.5) > 10*time.Millisecond || degraded < 0.5 || writes.degraded > 0 ||
		writes.part() < 0.97 || guesses.part() > 0.1 || reads.part() < 0.3 || strings.Contains(seen, `wrong ["`) {
		return seen
	}
	return ""
}

// goodput is how much of its capacity the service does for visits.
func (s *crowded) goodput(d time.Duration, kinds ...*visit) float64 {
	s.served.Store(0)
	s.busy.Store(0)
	began := time.Now()
	s.visits(d, kinds...)
	took, admitted := time.Since(began).Seconds(), 0
	for _, v := range kinds {
		admitted += len(v.served)
	}
	each := float64(s.busy.Load()) / float64(s.served.Load()) / 1e9 // as long as it was, on this machine
	return float64(admitted) / took / (float64(cap(s.places)) / each)
}

// What a refused client gets, and what is noted of it: by the thousand, so not as an error.
func TestRefusedAnswer(t *testing.T) {
	def := define("overload: {min: 2, initial: 2, max: 2}\n"+services, getUser(access.Public))
	runKit(t, def, func(k *facettest.Kit) {
		k.Break("users", facettest.Fault{Delay: 500 * time.Millisecond})
		go k.Gateway.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/v1/users/1", nil))
		time.Sleep(time.Millisecond)
		res := k.Do(facettest.Request{Path: "/v1/users/2"})
		if res.Status != http.StatusServiceUnavailable || res.Took != 0 || len(res.Calls()) > 0 ||
			res.Header.Get("Content-Type") != "application/problem+json" || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("got %d after %v: %v", res.Status, res.Took, res.Header)
		}
		if seconds := res.Header.Get("Retry-After"); seconds < "1" || seconds > "3" {
			t.Errorf("Retry-After is %q", seconds)
		}
		if last := lines(k)[0]; !strings.Contains(last, `"level":"INFO"`) || !strings.Contains(last, `"fault":"shed"`) {
			t.Errorf("the log has %s", last)
		}
		time.Sleep(time.Second)
		if res := k.Do(facettest.Request{Path: "/v1/users/1"}); res.Status != http.StatusOK {
			t.Errorf("afterwards: %d", res.Status)
		}
	})
}

func TestWrongOverload(t *testing.T) {
	def := define("overload:\n  tolerance: 3\nroutes: [{name: r, service: users, match: {path: /}, access: public, priority: high}]\n" + services)
	var out bytes.Buffer
	if code := gateway.Exit(def, []string{"-check"}, nil, &out, &out); code != 2 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		":4:14: overload.tolerance: must be at most 1.9", `:5:80: routes[0].priority: is not valid: "high" is not a priority; use critical, write, read or background`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s does not say %q", &out, want)
		}
	}
}
