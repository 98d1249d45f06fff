package kubernetes

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"

	"github.com/facet-bff/facet/shared/discover"
)

// A listener keeps what a source tells.
type listener struct {
	mu    sync.Mutex
	lists []string
	errs  []string
}

func (l *listener) tell(list []discover.Instance, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.errs = append(l.errs, err.Error())
		return
	}
	var urls []string
	for _, i := range list {
		urls = append(urls, i.URL)
	}
	l.lists = append(l.lists, strings.Join(urls, " "))
}

// eventually waits until the last list is the wanted one.
func (l *listener) eventually(t *testing.T, want string) {
	t.Helper()
	l.until(t, want, func() bool { return len(l.lists) > 0 && l.lists[len(l.lists)-1] == want })
}

func (l *listener) fails(t *testing.T, why string) {
	t.Helper()
	l.until(t, why, func() bool { return len(l.errs) > 0 && strings.Contains(l.errs[len(l.errs)-1], why) })
}

func (l *listener) until(t *testing.T, want string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		l.mu.Lock()
		done := holds()
		l.mu.Unlock()
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("told %q and %q, want %q", l.lists, l.errs, want)
		}
	}
}

func (l *listener) count() (lists, errs int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.lists), len(l.errs)
}

func watchIt(t *testing.T, c *cluster, settings map[string]string) *listener {
	t.Helper()
	all := map[string]string{"server": c.URL, "service": "catalog", "namespace": "shop"}
	maps.Copy(all, settings)
	s, err := Source(all)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{}
	stop := discover.Start(s, l.tell)
	t.Cleanup(func() { stop(); c.Close() })
	return l
}

func TestSlicesThatChange(t *testing.T) {
	for _, streams := range []bool{true, false} {
		t.Run(fmt.Sprintf("streams %v", streams), func(t *testing.T) {
			c := newCluster(streams)
			l := watchIt(t, c, nil)
			l.fails(t, "service catalog in namespace shop has no endpoint that is ready")
			c.put("one", slice(8080, "10.0.0.1", "10.0.0.2"))
			l.eventually(t, "http://10.0.0.1:8080 http://10.0.0.2:8080")
			c.put("two", slice(8080, "10.0.0.3", "10.0.0.1")) // one is in both, as happens while they are moved
			l.eventually(t, "http://10.0.0.1:8080 http://10.0.0.2:8080 http://10.0.0.3:8080")
			c.put("one", slice(8080, "10.0.0.2"))
			c.put("two", nil)
			l.eventually(t, "http://10.0.0.2:8080")
			before, errs := l.count()
			c.put("one", slice(8080, "10.0.0.2"))
			time.Sleep(3 * settles)
			if after, _ := l.count(); after != before {
				t.Error("what has not changed is told")
			}
			if errs != 1 {
				t.Errorf("told %q", l.errs)
			}
			c.put("one", nil)
			l.fails(t, "no endpoint that is ready")
		})
	}
}

func TestAnAPIThatIsIll(t *testing.T) {
	for _, streams := range []bool{true, false} {
		t.Run(fmt.Sprintf("streams %v", streams), func(t *testing.T) {
			t.Parallel() // its retries take seconds
			c := newCluster(streams)
			c.set(true)
			c.put("one", slice(8080, "10.0.0.1"))
			l := watchIt(t, c, nil)
			l.fails(t, "server")
			c.set(false)
			l.eventually(t, "http://10.0.0.1:8080")
			before, errs := l.count()
			c.set(true) // which ends the watch
			l.until(t, "another failure", func() bool { return len(l.errs) > errs })
			c.set(false)
			l.until(t, "the same list again", func() bool { return len(l.lists) > before })
			c.put("one", slice(8080, "10.0.0.2"))
			l.eventually(t, "http://10.0.0.2:8080")
		})
	}
}

func TestStoppingEndsAWatch(t *testing.T) {
	for _, ill := range []bool{false, true} {
		c := newCluster(true)
		c.set(ill)
		c.put("one", slice(8080, "10.0.0.1"))
		s, err := Source(map[string]string{"server": c.URL, "service": "catalog", "namespace": "shop"})
		if err != nil {
			t.Fatal(err)
		}
		l := &listener{}
		stop := discover.Start(s, l.tell)
		l.until(t, "something", func() bool { return len(l.lists)+len(l.errs) > 0 })
		start := time.Now()
		stop()
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
		c.Close()
	}
}

func TestWhichEndpoints(t *testing.T) {
	no, yes := new(false), new(true)
	mixed := slice(8080, "10.0.0.1", "10.0.0.2", "10.0.0.3")
	mixed.Endpoints[0].Conditions.Ready = yes
	mixed.Endpoints[1].Conditions.Ready = no
	mixed.Endpoints = append(mixed.Endpoints, discovery.Endpoint{})
	six := slice(8080, "fd00::1")
	six.AddressType = discovery.AddressTypeIPv6
	name := slice(8080, "db.internal")
	name.AddressType = discovery.AddressTypeFQDN
	two := slice(8080, "10.0.0.1")
	two.Ports = append(two.Ports, discovery.EndpointPort{Name: new("admin"), Port: new(int32(9080))}, discovery.EndpointPort{})
	none := slice(8080, "10.0.0.9") // as the cluster makes it of pods that have no port of that name
	none.Ports = nil
	udp := slice(8080, "10.0.0.1")
	udp.Ports = append(udp.Ports, discovery.EndpointPort{Name: new("http3"), Port: new(int32(8080)), Protocol: new(core.ProtocolUDP)})
	twice := slice(8080, "10.0.0.1")
	twice.Ports = append(twice.Ports, discovery.EndpointPort{Name: new("web"), Port: new(int32(8080))})
	for what, c := range map[string]struct {
		slices []*discovery.EndpointSlice
		port   string
		want   string // a URL for each, or a part of the failure
	}{
		"ready ones":         {[]*discovery.EndpointSlice{mixed}, "", "https://10.0.0.1:8080/api https://10.0.0.3:8080/api"},
		"both families":      {[]*discovery.EndpointSlice{six, mixed}, "", "https://10.0.0.1:8080/api https://10.0.0.3:8080/api"},
		"the sixth only":     {[]*discovery.EndpointSlice{six}, "", "https://[fd00::1]:8080/api"},
		"a name":             {[]*discovery.EndpointSlice{name}, "", "https://db.internal:8080/api"},
		"a port by name":     {[]*discovery.EndpointSlice{two}, "admin", "https://10.0.0.1:9080/api"},
		"a port by number":   {[]*discovery.EndpointSlice{two}, "8080", "https://10.0.0.1:8080/api"},
		"several ports":      {[]*discovery.EndpointSlice{two}, "", "has 2 ports: say which"},
		"no such port":       {[]*discovery.EndpointSlice{two}, "grpc", "has no port grpc"},
		"no port at some":    {[]*discovery.EndpointSlice{none, slice(8080, "10.0.0.1")}, "http", "https://10.0.0.1:8080/api"},
		"no port at any":     {[]*discovery.EndpointSlice{none}, "http", "has no port http"},
		"another family has": {[]*discovery.EndpointSlice{none, six}, "http", "https://[fd00::1]:8080/api"},
		"one port, and none": {[]*discovery.EndpointSlice{slice(8080, "10.0.0.1"), none}, "", "https://10.0.0.1:8080/api"},
		"UDP besides":        {[]*discovery.EndpointSlice{udp}, "8080", "https://10.0.0.1:8080/api"},
		"two names":          {[]*discovery.EndpointSlice{twice}, "8080", "https://10.0.0.1:8080/api"},
		"nothing":            {nil, "", "no endpoint that is ready"},
		"a port at each pod": {[]*discovery.EndpointSlice{slice(80, "10.0.0.1"), slice(81, "10.0.0.2")}, "http", "https://10.0.0.1:80/api https://10.0.0.2:81/api"},
	} {
		s := &source{settings: settings{service: "catalog", namespace: "shop", scheme: "https", path: "/api", port: c.port}}
		list, err := s.instances(c.slices)
		var urls []string
		for _, i := range list {
			urls = append(urls, i.URL)
		}
		if err != nil && !strings.Contains(err.Error(), c.want) || err == nil && strings.Join(urls, " ") != c.want {
			t.Errorf("%s: got %q, %v, want %q", what, urls, err, c.want)
		}
	}
}

func TestSettingsAreChecked(t *testing.T) {
	good := map[string]string{"service": "catalog", "namespace": "shop", "server": "http://127.0.0.1:8001"}
	with := func(name, value string) map[string]string {
		all := map[string]string{name: value}
		for n, v := range good {
			if _, given := all[n]; !given {
				all[n] = v
			}
		}
		return all
	}
	if _, err := Source(good); err != nil {
		t.Errorf("good settings: %v", err)
	}
	for _, c := range []struct {
		settings map[string]string
		want     string
	}{
		{with("service", ""), "service: is required"},
		{with("scheme", "ftp"), "scheme: must be one of"},
		{with("path", "api"), "path: must start with /"},
		{with("path", "/api?x"), "path: must"},
		{with("server", "::"), "server: must be"},
		{with("servcie", "x"), "servcie: unknown key"},
		{with("server", ""), "server: is required outside of a cluster"},
		{with("namespace", ""), "namespace: is required outside of a cluster"},
	} {
		if _, err := Source(c.settings); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %s", c.settings, err, c.want)
		}
	}
}
