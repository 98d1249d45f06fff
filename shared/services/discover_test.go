package services_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/observe/observetest"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/services"
)

// A zone is a name server's records, which may change.
type zone struct {
	mu      sync.Mutex
	records []string
}

func (z *zone) set(records ...string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.records = records
}

func (z *zone) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	z.mu.Lock()
	defer z.mu.Unlock()
	m := new(dns.Msg)
	m.SetReply(q)
	m.RecursionAvailable, m.Rcode = true, dns.RcodeNameError
	for _, text := range z.records {
		record, err := dns.NewRR(text)
		if err != nil {
			panic(err)
		}
		if !strings.EqualFold(record.Header().Name, q.Question[0].Name) {
			continue
		}
		if m.Rcode = dns.RcodeSuccess; record.Header().Rrtype == q.Question[0].Qtype {
			m.Answer = append(m.Answer, record)
		}
	}
	_ = w.WriteMsg(m)
}

// names serves a zone until the test ends, and returns where.
func names(t *testing.T, z *zone) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	server := &dns.Server{PacketConn: conn, Handler: z, NotifyStartedFunc: func() { close(started) }}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.ActivateAndServe() })
	<-started
	t.Cleanup(func() { _ = server.Shutdown(); serving.Wait() })
	return conn.LocalAddr().String()
}

func openSection(t *testing.T, s policy.Service, log *slog.Logger) (*services.Running, *observe.Metrics) {
	t.Helper()
	s.Connections = backend.Connections{MaxResponse: 1 << 20, MaxConns: 16, MaxIdleConns: 16, IdleTimeout: time.Minute, DialTimeout: time.Second}
	s.Timeout.Default = time.Second
	metrics := observe.NewMetrics("test")
	running, err := services.Open(services.Config{Services: map[string]policy.Service{"catalog": s}}, services.Options{Metrics: metrics, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Close)
	return running, metrics
}

const soon = 20 * time.Millisecond

func TestWeightsOfRecordsAreRespected(t *testing.T) {
	a, b, backup := newInstance(t), newInstance(t), newInstance(t)
	port := func(i *instance) string { u, _ := url.Parse(i.URL); return u.Port() }
	z := &zone{}
	z.set("_http._tcp.shop.test. 5 IN SRV 1 75 "+port(a)+" localhost.", "_http._tcp.shop.test. 5 IN SRV 1 25 "+port(b)+" localhost.",
		"_http._tcp.shop.test. 5 IN SRV 2 50 "+port(backup)+" localhost.")
	section := policy.Service{Discover: &discover.Config{
		SRV: &discover.SRVConfig{Name: "_http._tcp.shop.test.", Scheme: "http", Interval: soon, Server: names(t, z)},
	}}
	section.Balance.Strategy = "round_robin"
	section.Balance.Eject.Failures, section.Balance.Eject.Base, section.Balance.Eject.Max = 1, time.Minute, time.Minute
	section.Retry = policy.RetryConfig{Attempts: 3, Base: time.Millisecond, Max: time.Millisecond, BudgetRatio: 1, MinPerSecond: 10}
	running, _ := openSection(t, section, nil)
	until(t, "ready", func() bool { return running.Ready() == nil })
	if crowd(t, running, 1, 400) != 0 || a.asked.Load() != 300 || b.asked.Load() != 100 || backup.asked.Load() != 0 {
		t.Errorf("asked %d, %d and %d times", a.asked.Load(), b.asked.Load(), backup.asked.Load())
	}
	a.mode.Store(503)
	b.mode.Store(503)
	if crowd(t, running, 1, 100) != 0 || backup.asked.Load() < 90 {
		t.Errorf("the backup was asked %d times", backup.asked.Load())
	}
}

func TestAFileSaysWhereInstancesAre(t *testing.T) {
	a, b := newInstance(t), newInstance(t)
	path := filepath.Join(t.TempDir(), "catalog.json")
	write := func(text string) {
		if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	write(`["` + a.URL + `"]`)
	var log safe
	running, _ := openSection(t, policy.Service{Discover: &discover.Config{File: &discover.FileConfig{Path: path, Interval: soon}}},
		slog.New(slog.NewTextHandler(&log, nil)))
	until(t, "ready", func() bool { return running.Ready() == nil })
	if crowd(t, running, 1, 20) != 0 || a.asked.Load() != 20 {
		t.Errorf("the first was asked %d times", a.asked.Load())
	}
	write(`["` + b.URL)
	until(t, "the log says so", func() bool { return strings.Contains(log.String(), "cannot find the instances") })
	if crowd(t, running, 1, 20) != 0 || a.asked.Load() != 40 {
		t.Errorf("a half of a file has changed something: %d", a.asked.Load())
	}
	time.Sleep(5 * soon)
	if n := strings.Count(log.String(), "cannot find"); n != 1 {
		t.Errorf("the same failure is logged %d times", n)
	}
	write(`["` + b.URL + `"]`)
	until(t, "the second is asked", func() bool { _ = crowd(t, running, 1, 1); return b.asked.Load() > 0 })
}

// safe is a buffer for several writers.
type safe struct {
	mu sync.Mutex
	bytes.Buffer
}

func (s *safe) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.Write(p)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.String()
}

// In tests of gateways nothing is looked up.
func TestWithStubsNothingIsDiscovered(t *testing.T) {
	s := policy.Service{Discover: &discover.Config{DNS: &discover.DNSConfig{URL: "http://shop.test", Interval: time.Hour, Server: "127.0.0.1:1"}}}
	s.Connections.MaxResponse, s.Timeout.Default = 100, time.Second
	running, err := services.Open(
		services.Config{Services: map[string]policy.Service{"catalog": s}},
		services.Options{Metrics: observe.NewMetrics("test"), RoundTripper: echoes},
	)
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	if answer, err := ask(context.Background(), running); err != nil || answer != "catalog" || running.Ready() != nil {
		t.Errorf("%q, %v, %v", answer, err, running.Ready())
	}
}

func TestASourceThatNobodyBringsAlong(t *testing.T) {
	s := policy.Service{Discover: &discover.Config{Other: &discover.OtherConfig{Name: "kubernetes"}}}
	_, err := services.Open(services.Config{Services: map[string]policy.Service{"catalog": s}}, services.Options{Metrics: observe.NewMetrics("test")})
	if want := `services.catalog.discover.other.name: this program does not bring along "kubernetes", but only []`; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestAServiceThatIsNotFoundKeepsAGatewayForAWhileOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		missing := filepath.Join(t.TempDir(), "catalog.yaml")
		running, metrics := openSection(t, policy.Service{Discover: &discover.Config{
			File: &discover.FileConfig{Path: missing, Interval: time.Second},
		}}, nil)
		time.Sleep(9 * time.Second)
		if err := running.Ready(); err == nil || !strings.Contains(err.Error(), "catalog") {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Second)
		if err := running.Ready(); err != nil {
			t.Errorf("after ten seconds: %v", err)
		}
		if n := observetest.Sum(t, metrics.Registry(), "facet_service_discovery_failures_total"); n < 10 {
			t.Errorf("%v failures are counted", n)
		}
	})
}
