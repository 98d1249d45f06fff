package chaos_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/shop/faults"
)

// A fault is one thing that goes wrong between a gateway and a service.
type fault struct {
	name  string
	kind  string // what every call fails with, as Facet-Degraded calls it; empty: none does
	route string // what becomes of a route that only passes on, if not the same: "whole", "cut"
	short bool
	times int    // how often it is asked; 0 is once
	body  bool   // it is hostile to memory
	url   string // of the service instead of the front's; https://FRONT is the front with TLS

	counted counted
	apply   func(t *testing.T, f *front, service string)
}

// counted says who knows how many calls were made.
type counted int

const (
	byFront   counted = iota // each call is a connection
	byShop                   // it arrives at the service
	byGateway                // nothing arrives: the gateway's own metrics
)

// as treats connections by a behaviour.
func as(b behaviour) func(*testing.T, *front, string) {
	return func(t *testing.T, f *front, _ string) {
		t.Helper()
		f.change(t, b, "")
	}
}

// toxic puts a toxiproxy with toxics into the way.
func toxic(toxics ...string) func(*testing.T, *front, string) {
	return func(t *testing.T, f *front, _ string) {
		t.Helper()
		f.change(t, nil, network(t, f.service, toxics...))
	}
}

// shopFault has the service itself misbehave.
func shopFault(broken faults.Fault) func(*testing.T, *front, string) {
	return func(t *testing.T, f *front, service string) {
		t.Helper()
		f.mend(t)
		if err := shop.Put(t.Context(), service, broken); err != nil {
			t.Fatal(err)
		}
	}
}

func secure(host string, until time.Duration, b behaviour) func(*testing.T, *front, string) {
	return func(t *testing.T, f *front, _ string) {
		t.Helper()
		f.change(t, trusted.behind(host, time.Now().Add(until), b), f.service)
	}
}

func allFaults() []fault {
	all := append(append(connectionFaults(), answerFaults()...), networkFaults()...)
	all = append(all, httpFaults()...)
	if runtime.GOOS != "darwin" { // where SSL_CERT_FILE names nobody to trust
		all = append(all, tlsFaults()...)
	}
	return all
}

func connectionFaults() []fault {
	refuse := func(_ *testing.T, f *front, _ string) { f.refuse() }
	return []fault{
		{name: "connection refused", kind: "unreachable", counted: byGateway, apply: refuse, short: true},
		// The resolver answers names below .onion itself (RFC 7686), without asking anybody.
		{name: "DNS: no such name", kind: "unreachable", counted: byGateway, apply: refuse, url: "http://gone.onion", short: true},
		{name: "reset before a byte of the answer", kind: "error", apply: as(resets), short: true},
		{name: "reset in the head", kind: "error", apply: as(breaksOff("HTTP/1.1 200 OK\r\nX-Ser"))},
		{name: "reset in the body", kind: "error", apply: as(breaksOff(half())), short: true},
		{name: "reset in a chunk", kind: "error", route: "cut", apply: as(breaksOff(halfChunked()))},
		{name: "end in the head", kind: "error", apply: as(says("HTTP/1.1 200 OK\r\nX-Ser"))},
		{name: "end in the body (Content-Length too large)", kind: "error", apply: as(says(half()))},
		{name: "end in a chunk", kind: "error", apply: as(says(halfChunked()))},
		{name: "reset far in the body", kind: "error", route: "cut", apply: as(breaksOff(farIn())), short: true},
		{name: "accepts and never answers", kind: "timeout", apply: as(silent), short: true},
		{name: "drips the head", kind: "timeout", apply: as(drips("", half()))},
		{name: "drips a body of known length", kind: "timeout", route: "whole", apply: as(drips(head("Content-Length: 500"), strings.Repeat("1", 500)))},
		{name: "drips the body", kind: "timeout", route: "whole", apply: as(drips(head(), strings.Repeat("1", 500))), short: true},
	}
}

func answerFaults() []fault {
	garbage := "<html><h1>It works! " + faults.InternalHost + "</h1></html>"
	chunk := "8000\r\n" + strings.Repeat(" ", 0x8000) + "\r\n"
	interim := "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
	return []fault{
		{name: "endless body", kind: "error", route: "whole", body: true, apply: as(repeats(head("Transfer-Encoding: chunked"), chunk)), short: true},
		{name: "endless body without length", kind: "error", route: "whole", body: true, apply: as(repeats(head(), chunk))},
		{name: "1 GiB is announced", kind: "error", route: "whole", body: true, apply: as(repeats(head("Content-Length: 1073741824"), chunk))},
		{name: "a chunk of 1 PiB", kind: "error", route: "whole", body: true, apply: as(repeats(head("Transfer-Encoding: chunked")+"4000000000000\r\n", chunk))},
		{name: "Content-Length too small", kind: "error", route: "whole", apply: as(says(head("Content-Length: 8") + `{"id":"p1","x":1}`))},
		{name: "an answer nobody asked for", times: 4, apply: as(surplus), short: true},
		{name: "HTML", kind: "error", route: "whole", apply: as(says(whole("text/html", garbage))), short: true},
		{name: "garbage instead of JSON", kind: "error", route: "whole", apply: as(says(whole("application/json", "\x00\xff"+garbage)))},
		{name: "truncated JSON", kind: "error", route: "whole", apply: as(says(whole("application/json", `{"id":"p1","name":"`)))},
		{name: "no JSON at all", kind: "error", route: "whole", apply: as(says(whole("application/json", "")))},
		{name: "JSON 100,000 deep", kind: "error", route: "whole", body: true, apply: as(says(deep())), short: true},
		{name: "JSON with a name twice", kind: "error", route: "whole", apply: as(says(whole("application/json", `{"id":"p1","id":"p2"}`)))},
		{name: "gzip bomb nobody asked for", kind: "error", route: "whole", body: true, apply: as(says(bomb())), short: true},
		{name: "header of 1 MiB", kind: "error", body: true, apply: as(says(head("X-Large: "+strings.Repeat("x", 1<<20)) + "{}")), short: true},
		{name: "endless headers", kind: "error", body: true, apply: as(repeats("HTTP/1.1 200 OK\r\n", "X-Many: "+strings.Repeat("x", 50)+"\r\n"))},
		{name: "1xx without end", kind: "error", apply: as(repeats("", interim)), short: true},
		{name: "switches protocols", kind: "error", apply: as(says("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"))},
		{name: "no HTTP", kind: "error", apply: as(says("220 " + faults.InternalHost + " ESMTP\r\n"))},
		{name: "two lengths", kind: "error", apply: as(says(head("Content-Length: 2", "Content-Length: 7") + "{}     "))},
		{name: "500 with a body of 1 GiB", kind: "error", body: true, apply: as(repeats(failure(), chunk)), short: true},
	}
}

func networkFaults() []fault {
	return []fault{
		{name: "latency 100 ms, jitter 50 ms", counted: byShop, apply: toxic(`{"type":"latency","attributes":{"latency":100,"jitter":50}}`), short: true},
		{name: "latency 2 s", kind: "timeout", counted: byShop, apply: toxic(`{"type":"latency","attributes":{"latency":2000}}`)},
		{name: "bandwidth 300 KB/s", counted: byShop, apply: toxic(`{"type":"bandwidth","attributes":{"rate":300}}`)},
		{name: "bandwidth 10 KB/s upstream", counted: byShop, apply: toxic(`{"type":"bandwidth","stream":"upstream","attributes":{"rate":10}}`)},
		{name: "pieces of 64 bytes", counted: byShop, apply: toxic(`{"type":"slicer","attributes":{"average_size":64,"size_variation":32,"delay":100}}`)},
		{name: "no byte comes back", kind: "timeout", counted: byShop, apply: toxic(`{"type":"timeout","attributes":{"timeout":0}}`)},
		{name: "no byte arrives", kind: "timeout", counted: byGateway, apply: toxic(`{"type":"timeout","stream":"upstream","attributes":{"timeout":0}}`)},
		{name: "ends after 100 bytes", kind: "error", counted: byShop, apply: toxic(`{"type":"limit_data","attributes":{"bytes":100}}`)},
		{name: "reset after 50 ms", kind: "error", counted: byShop, apply: toxic(`{"type":"reset_peer","attributes":{"timeout":50}}`)},
	}
}

func httpFaults() []fault {
	return []fault{
		{name: "500", kind: "error", counted: byShop, apply: shopFault(faults.Fault{Status: 500}), short: true},
		{name: "503", kind: "error", counted: byShop, apply: shopFault(faults.Fault{Status: 503})},
		{name: "429", kind: "throttled", route: "429", counted: byShop, apply: shopFault(faults.Fault{Status: 429})},
		{name: "401", kind: "refused", route: "401", counted: byShop, apply: shopFault(faults.Fault{Status: 401})},
		{name: "404", kind: "rejected", route: "404", counted: byShop, apply: shopFault(faults.Fault{Status: 404})},
		{name: "hangs", kind: "timeout", counted: byShop, apply: shopFault(faults.Fault{Hang: true})},
		{name: "100 ms late", counted: byShop, apply: shopFault(faults.Fault{Delay: faults.Duration(100 * time.Millisecond)})},
	}
}

func tlsFaults() []fault {
	const host, https = "127.0.0.1", "https://FRONT"
	day := 24 * time.Hour
	return []fault{
		{name: "TLS as it should be", url: https, counted: byShop, apply: secure(host, day, pass), short: true},
		{name: "TLS: another's certificate", kind: "unreachable", url: https, apply: secure("catalog.example", day, pass), short: true},
		{name: "TLS: expired", kind: "unreachable", url: https, apply: secure(host, -time.Hour, pass)},
		{name: "TLS: plain HTTP there", kind: "unreachable", url: https, apply: as(saysAtOnce("HTTP/1.1 400 Bad Request\r\n\r\n"))},
		{name: "TLS: hangs up in the handshake", kind: "unreachable", url: https, apply: as(resets)},
		{name: "TLS: no handshake", kind: "timeout", url: https, apply: as(silent)},
	}
}
