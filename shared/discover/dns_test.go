package discover

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func byAddress(url string, n *nameServer) Source {
	return DNSConfig{URL: url, Interval: 20 * time.Millisecond, Server: n.address}.source()
}

func TestAddresses(t *testing.T) {
	n := serveNames(t,
		"both.test. 5 IN A 10.0.0.2", "both.test. 5 IN A 10.0.0.1", "both.test. 5 IN AAAA fd00::1",
		"six.test. 5 IN AAAA fd00::2", "six.test. 5 IN AAAA fd00::1", "empty.test. 5 IN TXT x")
	for url, want := range map[string]string{
		"http://both.test.:8080/api/": "http://10.0.0.1:8080/api*1/0 http://10.0.0.2:8080/api*1/0",
		"https://both.test.":          "https://10.0.0.1*1/0 https://10.0.0.2*1/0",
		"http://six.test.:81":         "http://[fd00::1]:81*1/0 http://[fd00::2]:81*1/0",
		"https://six.test.":           "https://[fd00::1]*1/0 https://[fd00::2]*1/0",
	} {
		if got, err := once(t, byAddress(url, n)); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", url, got, err, want)
		}
	}
	for _, url := range []string{"http://empty.test.", "http://nobody.test."} {
		if got, err := once(t, byAddress(url, n)); err == nil || !strings.Contains(err.Error(), "no such host") {
			t.Errorf("%s: got %q, %v", url, got, err)
		}
	}
}

func TestAddressesThatChange(t *testing.T) {
	n := serveNames(t, "shop.test. 5 IN A 10.0.0.1")
	l := watch(t, byAddress("http://shop.test.", n))
	l.eventually(t, 1, "http://10.0.0.1*1/0")
	n.set("shop.test. 5 IN A 10.0.0.2", "shop.test. 5 IN A 10.0.0.3")
	l.eventually(t, 2, "http://10.0.0.2*1/0 http://10.0.0.3*1/0")
	n.set() // nobody by that name
	l.eventuallyFails(t, "no such host")
	n.sicken()
	l.eventuallyFails(t, "server misbehaving")
	n.set("shop.test. 5 IN A 10.0.0.3", "shop.test. 5 IN A 10.0.0.2")
	l.eventually(t, 3, "http://10.0.0.2*1/0 http://10.0.0.3*1/0") // told again, after failures
}

// A name server that fails for one kind of address must not make the other kind the list.
func TestAFailureIsNotTakenForAnAbsence(t *testing.T) {
	n := serveNames(t, "shop.test. 5 IN AAAA fd00::1")
	n.sicken()
	if got, err := once(t, byAddress("http://shop.test.", n)); err == nil {
		t.Errorf("got %q", got)
	}
}

func TestManyAddresses(t *testing.T) { // more than a datagram holds
	var records []string
	for i := range 100 {
		records = append(records, fmt.Sprintf("many.test. 5 IN A 10.0.1.%d", i))
	}
	got, err := once(t, byAddress("http://many.test.", serveNames(t, records...)))
	if n := len(strings.Fields(got)); err != nil || n != 100 {
		t.Errorf("%d of 100: %v", n, err)
	}
}

func TestTheSystemsNames(t *testing.T) {
	got, err := once(t, DNSConfig{URL: "http://localhost:8080", Interval: time.Second}.source())
	if err != nil || !strings.Contains(got, "http://127.0.0.1:8080*1/0") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	l := watch(t, DNSConfig{URL: "http://shop.test.", Interval: 10 * time.Millisecond, Server: "127.0.0.1:1"}.source())
	l.eventuallyFails(t, "lookup shop.test. on 127.0.0.1:1: ")
}

func srv(n *nameServer) Source {
	return SRVConfig{Name: "_http._tcp.shop.test.", Scheme: "https", Path: "/api", Interval: 20 * time.Millisecond, Server: n.address}.source()
}

func TestServices(t *testing.T) {
	n := serveNames(t,
		"_http._tcp.shop.test. 5 IN SRV 10 60 8081 a.test.", "_http._tcp.shop.test. 5 IN SRV 10 20 8082 b.test.",
		"_http._tcp.shop.test. 5 IN SRV 20 0 8083 c.test.")
	l := watch(t, srv(n))
	l.eventually(t, 1, "https://a.test:8081/api*600/10 https://b.test:8082/api*200/10 https://c.test:8083/api*1/20")
	n.set("_http._tcp.shop.test. 5 IN SRV 0 0 8081 a.test.", "_http._tcp.shop.test. 5 IN SRV 0 0 8082 b.test.")
	l.eventually(t, 2, "https://a.test:8081/api*1/0 https://b.test:8082/api*1/0")
	n.set("_http._tcp.shop.test. 5 IN SRV 0 0 8081 .")
	l.eventuallyFails(t, "is not offered")
	n.set()
	l.eventuallyFails(t, "no such host")
	n.set("_http._tcp.shop.test. 5 IN SRV 0 5 8081 a.test.")
	l.eventually(t, 3, "https://a.test:8081/api*5/0")
}
