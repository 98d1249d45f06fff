package chaos_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/demo/stage"
)

// statuses is the failure table of the house, for a required part.
var statuses = map[string]int{
	"": 200, "unreachable": 502, "error": 502, "timeout": 504, "throttled": 503, "refused": 502, "rejected": 404,
}

const (
	// slack is how much later than its budget an answer may be.
	slack = 50 * time.Millisecond

	// tries are what a row has to be in time, and not to lack other parts that were slow: a
	// busy machine is late by itself. All else must be right each time.
	tries = 3

	// megabytes is by how much a hostile answer to one part may make a gateway larger.
	megabytes = 16
)

// Every fault at every place comes to what the failure table says, in time, without more
// calls than retries allow, and leaves nothing behind.
func TestFaults(t *testing.T) {
	m := &matrix{scene: newScene(t), usual: map[string]*stage.Gateway{}, token: token(t), asked: map[string]int{}}
	for _, name := range []string{"bff-mobile", "bff-web"} {
		m.usual[name] = m.start(t, name, stage.Uncached(name))
	}
	m.learn(t)
	before := map[string]float64{}
	for name, g := range m.usual {
		before[name] = goroutines(t, g)
	}
	for _, f := range allFaults() {
		if !f.short && !*full {
			continue
		}
		for _, p := range places {
			if p.short || *full {
				m.row(t, f, p)
			}
		}
		m.settles(t, f, before)
	}
}

type matrix struct {
	*scene
	usual    map[string]*stage.Gateway
	token    string
	products []int               // whose pages are whole: some are in no category
	members  map[string][]string // of a whole answer, by the place's name
	asked    map[string]int      // how often, likewise
}

// learn asks each place while nothing is broken, until the gateway has all that it needs.
func (m *matrix) learn(t *testing.T) {
	t.Helper()
	for n := 1; len(m.products) < 20; n++ {
		if a := ask("GET", fmt.Sprintf("%s/api/products/p%d", m.usual["bff-web"].URL, n), "", ""); a.status == 200 && a.degraded == "" {
			m.products = append(m.products, n)
		}
	}
	m.members = map[string][]string{}
	for _, p := range places {
		for range 20 {
			a := m.ask(m.usual[p.gateway], p)
			if a.status != 200 {
				t.Fatalf("%s: status %d: %.200s", p.name, a.status, a.body)
			}
			m.members[p.name] = a.members()
		}
	}
}

func (m *matrix) ask(g *stage.Gateway, p place) answer {
	m.asked[p.name]++
	token := m.token
	if !p.user {
		token = ""
	}
	number := m.asked[p.name]%900 + 1 // another each time: assets are cached for as long as their service says
	if !p.route {
		number = m.products[number%len(m.products)]
	}
	return ask(p.method, g.URL+p.path(number), token, p.body)
}

// row plays one fault at one place.
func (m *matrix) row(t *testing.T, f fault, p place) {
	t.Helper()
	g := m.usual[p.gateway]
	if f.url != "" {
		url := strings.ReplaceAll(f.url, "FRONT", m.fronts[p.service].address)
		g = m.start(t, p.gateway, append(stage.Uncached(p.gateway), setting(p.service, "URL", url)))
		defer func() { _ = g.Stop(10 * time.Second) }() // its cleanup looks how it ended
	}
	var l line
	for range tries {
		var late bool
		if l, late = m.play(t, g, f, p); !late {
			break
		}
	}
	report.add(l)
	for _, wrong := range l.wrong {
		t.Errorf("%s; %s: %s", f.name, p.name, wrong)
	}
}

// play reports whether it has failed for what a busy machine does as well.
func (m *matrix) play(t *testing.T, g *stage.Gateway, f fault, p place) (l line, late bool) {
	t.Helper()
	m.mend(t)
	front := m.fronts[p.service]
	f.apply(t, front, p.service)
	m.forget(t)
	attemptedBefore, memoryBefore := attempted(t, g, p.service), memory(t, g)
	l = line{fault: f.name, endpoint: p.name}
	var a answer
	for range max(1, f.times) {
		a = m.ask(g, p)
		l.wrong = append(l.wrong, judge(f, p, a, m.members[p.name])...)
	}
	var calls int
	switch f.counted {
	case byFront:
		calls = int(front.met.Load())
	case byShop:
		calls = m.arrived(t, p.service)
	case byGateway:
		calls = attempted(t, g, p.service) - attemptedBefore
	}
	allowed := f.allowed(p)
	if calls > allowed || calls == 0 {
		l.wrong = append(l.wrong, fmt.Sprintf("%d calls, want 1 to %d", calls, allowed))
	}
	if grown := memory(t, g) - memoryBefore; f.body && grown > megabytes*float64(max(1, len(p.steps)))*raceFactor() {
		l.wrong = append(l.wrong, fmt.Sprintf("%.0f MiB larger", grown))
	}
	took := a.took
	if p.route {
		took = a.begun // its body may take as long as it likes
	}
	if took > p.budget+slack {
		l.wrong, late = append(l.wrong, "too late"), true
	}
	late = late || tooSlow(f, p, a)
	l.status, l.degraded = outcome(a), strings.ReplaceAll(a.degraded, ";reason=", ": ")
	l.time, l.calls = fmt.Sprintf("%d / %d ms", took.Milliseconds(), p.budget.Milliseconds()), fmt.Sprintf("%d / %d", calls, allowed)
	m.mend(t)
	return l, late
}

// allowed is how many calls may arrive, retries included.
func (f fault) allowed(p place) int {
	once, kind := p.failing, f.becomes(p)
	if kind == "" {
		once = p.ops
	}
	retried := kind == "unreachable" || p.safe && (kind == "error" || kind == "timeout" || kind == "throttled")
	switch {
	case f.times > 0:
		return once * f.times
	case retried:
		return once * attempts
	}
	return once
}

// becomes is the kind of failure at a place, with what a route does not look at left out.
func (f fault) becomes(p place) string {
	if p.route && f.route == "whole" {
		return ""
	}
	return f.kind
}

// judge says what is wrong with an answer.
func judge(f fault, p place, a answer, members []string) (wrong []string) {
	status, degraded, cut := statuses[f.becomes(p)], "", false
	switch {
	case p.route && f.route == "cut":
		cut = true
	case p.route && f.route != "" && f.route != "whole":
		_, _ = fmt.Sscan(f.route, &status)
	case p.steps != nil && f.kind != "":
		status, degraded = 200, strings.Join(p.steps, ";reason="+f.kind+", ")+";reason="+f.kind
	}
	if cut {
		if !a.cut {
			wrong = append(wrong, fmt.Sprintf("status %d and looks complete", a.status))
		}
		return wrong
	}
	if a.status != status || a.cut {
		wrong = append(wrong, fmt.Sprintf("status %s, want %d", outcome(a), status))
	}
	if parts := strings.Split(a.degraded, ", "); a.degraded != degraded && !slices.Equal(parts, strings.Split(degraded, ", ")) {
		wrong = append(wrong, fmt.Sprintf("degraded %q, want %q", a.degraded, degraded))
	}
	switch {
	case p.route && a.status < 500: // passed on as it is
		return wrong
	case status == 200 && !slices.Equal(a.members(), members):
		wrong = append(wrong, fmt.Sprintf("members %v, want %v", a.members(), members))
	case status != 200 && !a.problem():
		wrong = append(wrong, "no problem (RFC 9457)")
	case status == 503 && a.header.Get("Retry-After") == "":
		wrong = append(wrong, "no Retry-After")
	}
	if leak := a.leaks(); leak != "" {
		wrong = append(wrong, "shows "+leak)
	}
	return wrong
}

// tooSlow reports whether something was too slow that this fault does not slow down.
func tooSlow(f fault, p place, a answer) bool {
	for part := range strings.SplitSeq(a.degraded, ", ") {
		step, slow := strings.CutSuffix(part, ";reason=timeout")
		if slow && (f.kind != "timeout" || !slices.Contains(p.steps, step)) {
			return true
		}
	}
	if p.route && f.route != "cut" && a.cut {
		return true // it broke off later than an answer is held back
	}
	return a.status == 504 && f.kind != "timeout"
}

func outcome(a answer) string {
	switch {
	case a.status == 0:
		return "none"
	case a.cut:
		return fmt.Sprintf("%d, cut", a.status)
	}
	return strconv.Itoa(a.status)
}

// settles checks that nothing of a fault is left: answers are whole again, and nobody waits
// for anything.
func (m *matrix) settles(t *testing.T, f fault, before map[string]float64) {
	t.Helper()
	for _, p := range places {
		if !eventually(func() bool {
			a := m.ask(m.usual[p.gateway], p)
			return a.status == 200 && a.degraded == ""
		}) {
			t.Errorf("after %s: %s does not recover", f.name, p.name)
		}
	}
	m.mend(t) // and with it, connections of the services
	for name, g := range m.usual {
		if !eventually(func() bool { return goroutines(t, g) <= before[name]+2 }) {
			t.Errorf("after %s: %s has %.0f goroutines, %.0f before", f.name, name, goroutines(t, g), before[name])
		}
	}
}

// raceFactor is how much more memory the race detector takes.
func raceFactor() float64 {
	if stage.Race() {
		return 8
	}
	return 1
}
