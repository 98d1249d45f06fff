package services_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe/observetest"
	"github.com/facet-bff/facet/shared/policy"
)

// on starts instances of one port, at 127.0.0.1 and on, which only
// Linux has.
func on(t *testing.T, n int) (all []*instance, port string) {
	t.Helper()
	first := newInstance(t)
	_, port, _ = net.SplitHostPort(first.Listener.Addr().String())
	all = append(all, first)
	for i := 1; i < n; i++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.%d:%s", i+1, port))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, listening(t, l))
	}
	return all, port
}

func TestAddressesThatChangeSpreadTheTraffic(t *testing.T) {
	all, port := on(t, 3)
	z := &zone{}
	running, metrics := openSection(t, policy.Service{Discover: &discover.Config{
		DNS: &discover.DNSConfig{URL: "http://shop.test.:" + port, Interval: soon, Server: names(t, z)},
	}}, nil)

	_, err := ask(t.Context(), running)
	if kind := fault.From(err).Kind; kind != fault.Unavailable {
		t.Errorf("before anything is found: %v", err)
	}
	until(t, "not ready for that", func() bool {
		err := running.Ready()
		return err != nil && strings.Contains(err.Error(), "catalog") && strings.Contains(err.Error(), "no such host")
	})
	z.set("shop.test. 5 IN A 127.0.0.1", "shop.test. 5 IN A 127.0.0.2")
	until(t, "ready", func() bool { return running.Ready() == nil })
	if answer, err := ask(t.Context(), running); err != nil || answer != "shop.test.:"+port {
		t.Errorf("it was asked for %q: %v", answer, err)
	}
	if crowd(t, running, 2, 200) != 0 || all[0].asked.Load() < 5 || all[1].asked.Load() < 5 {
		t.Errorf("the two were asked %d and %d times", all[0].asked.Load(), all[1].asked.Load())
	}

	z.set("shop.test. 5 IN A 127.0.0.2", "shop.test. 5 IN A 127.0.0.3")
	until(t, "the first is not asked any more", func() bool {
		before := all[0].asked.Load()
		if crowd(t, running, 2, 50) != 0 {
			t.Fatal("calls failed")
		}
		return all[0].asked.Load() == before
	})
	until(t, "the first has no connections", func() bool { return all[0].open.Load() == 0 })
	until(t, "the third is asked", func() bool { _ = crowd(t, running, 4, 400); return all[2].asked.Load() > 0 })

	z.set() // the name is lost: what was found holds
	until(t, "a failure is counted", func() bool {
		return observetest.Sum(t, metrics.Registry(), "facet_service_discovery_failures_total", "catalog") > 1
	})
	if crowd(t, running, 2, 50) != 0 || running.Ready() != nil {
		t.Error("a name that is lost takes the instances away")
	}
	if state := running.State()[0]; !strings.Contains(state.NotFound, "no such host") || len(state.Instances) != 2 {
		t.Errorf("%+v", state)
	}
	if n := observetest.Sum(t, metrics.Registry(), "facet_service_instances", "catalog", "all"); n != 2 {
		t.Errorf("%v instances are counted", n)
	}
}
