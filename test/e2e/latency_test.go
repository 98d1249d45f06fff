package e2e_test

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// A span is one entry of Server-Timing, in milliseconds since the request arrived.
type span struct {
	start, took float64
	cached      int
}

func (s span) end() float64 { return s.start + s.took }

// spans are the steps of a request by name.
func (a answer) spans(t *testing.T) map[string]span {
	t.Helper()
	spans := make(map[string]span)
	for entry := range strings.SplitSeq(a.header.Get("Server-Timing"), ", ") {
		name, params, _ := strings.Cut(entry, ";")
		var s span
		for param := range strings.SplitSeq(params, ";") {
			key, value, _ := strings.Cut(param, "=")
			number, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatalf("Server-Timing has %q", entry)
			}
			switch key {
			case "start":
				s.start = number
			case "dur":
				s.took = number
			case "cached":
				s.cached = int(number)
			}
		}
		spans[name] = s
	}
	return spans
}

// With every service 200 ms late, the first screen takes as long as its longest chain: the
// user, the feed, the recommendations, their cards. One after another, its ten calls
// would take 2 s.
func TestHomeTakesItsLongestChain(t *testing.T) {
	const delay = 200.0 // ms
	var a answer
	for range 5 { // a busy machine is slow by itself, and so are 2% of the recommendations
		mobile := start(t, "bff-mobile")
		breakService(t, "all", `{"delay":"200ms"}`)
		if a = get(t, mobile.url+"/v1/home", as(t, "user=u1")); a.took < 1100*time.Millisecond && a.degraded() == "" {
			break
		}
	}
	if a.status != 200 || a.degraded() != "" || a.took < 780*time.Millisecond || a.took > 1200*time.Millisecond {
		t.Errorf("status %d, degraded %q after %s, want about 850ms", a.status, a.degraded(), a.took)
	}
	spans := a.spans(t)
	var sum float64
	for _, name := range []string{
		"user", "promotions", "feed", "feed_items", "feed_prices", "recommendations", "for_you_items", "for_you_prices",
	} {
		s := spans[name]
		if s.took < delay {
			t.Errorf("%s took %v ms", name, s.took)
		}
		sum += s.took
	}
	if total := float64(a.took.Milliseconds()); sum < 1.5*total {
		t.Errorf("the steps took %v ms one by one and %v ms together: %v", sum, total, spans)
	}
	for _, pair := range [][2]string{
		{"promotions", "feed"}, {"feed_items", "feed_prices"}, {"feed_items", "recommendations"}, {"for_you_items", "for_you_prices"},
	} {
		if one, two := spans[pair[0]], spans[pair[1]]; one.start >= two.end() || two.start >= one.end() {
			t.Errorf("%s and %s do not overlap: %v", pair[0], pair[1], spans)
		}
	}
	for _, pair := range [][2]string{{"user", "feed"}, {"feed", "recommendations"}, {"feed", "feed_items"}, {"recommendations", "for_you_items"}} {
		if spans[pair[1]].start < spans[pair[0]].end() {
			t.Errorf("%s began before %s was over: %v", pair[1], pair[0], spans)
		}
	}
}

func TestServerTimingTellsWhatWasCached(t *testing.T) {
	mobile := start(t, "bff-mobile")
	first, second := ok(t, mobile.url+"/v1/products/p9").spans(t), ok(t, mobile.url+"/v1/products/p9").spans(t)
	for _, name := range []string{"item", "price", "stock"} {
		if first[name].cached != 0 || second[name].cached != 1 {
			t.Errorf("%s: cached %d, then %d", name, first[name].cached, second[name].cached)
		}
	}
	plain := start(t, "bff-mobile", "FACET_OBSERVE__SERVER_TIMING=false")
	if a := ok(t, plain.url+"/v1/products/p9"); a.header.Get("Server-Timing") != "" {
		t.Errorf("Server-Timing is off, and %q", a.header.Get("Server-Timing"))
	}
}
