package facettest

import (
	"bytes"
	"fmt"
	"math/bits"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/gateway"
)

// Matrix sends each request under every combination of the endpoint's parts being well,
// failing or slow, and checks each answer: the status follows the failure table, the
// JSON keeps the shape of its type, Facet-Degraded names exactly the parts that failed,
// nothing of a backend's text leaks, and the answer comes within the budget. Up to
// eight parts every subset fails and every subset is slow; of more, every pair of parts
// meets in every pair of states.
//
// The requests must succeed when all is well, and cover every endpoint of the gateway.
// serve adds the stub services.
func Matrix[D any](t *testing.T, def gateway.Definition[D], serve func(*Kit), requests ...Request) {
	t.Helper()
	var all []string
	covered := make(map[string]bool)
	for _, r := range requests {
		t.Run(strings.TrimSpace(r.Method+" "+r.Path), func(t *testing.T) {
			Run(t, def, func(k *Kit) {
				serve(k)
				all = k.places()
				e := k.find(r)
				covered[e.Method+" "+e.Path] = true
				m := &matrix{Kit: k, request: r, endpoint: e}
				m.run()
			}, bare)
		})
	}
	for _, place := range all {
		if !covered[place] {
			t.Errorf("no request of the matrix is for %s", place)
		}
	}
}

// bare takes away what remembers earlier combinations.
func bare(c *gateway.Config) {
	for name, s := range c.Services {
		s.Cache = nil
		s.Breaker.MinRequests = 1 << 30
		c.Services[name] = s
	}
}

func (k *Kit) places() (all []string) {
	for _, e := range k.Gateway.Endpoints() {
		all = append(all, e.Method+" "+e.Path)
	}
	return all
}

// find returns the endpoint that answers a request.
func (k *Kit) find(r Request) endpoint.Mounted {
	path, _, _ := strings.Cut(r.Path, "?")
	mux := http.NewServeMux()
	for i, e := range k.Gateway.Endpoints() {
		mux.Handle(e.Method+" "+e.Path, index(i))
	}
	probe, err := http.NewRequestWithContext(k.T.Context(), r.Method, path, nil)
	if err != nil {
		k.T.Fatal(err)
	}
	h, _ := mux.Handler(probe)
	i, ok := h.(index)
	if !ok {
		k.T.Fatalf("no endpoint answers %s %s", probe.Method, path)
	}
	return k.Gateway.Endpoints()[i]
}

// An index is an endpoint's place in the table, as a handler.
type index int

func (index) ServeHTTP(http.ResponseWriter, *http.Request) {}

// A state is what becomes of one part.
type state int

const (
	well state = iota
	failing
	slow
)

var faultOf = map[state]Fault{failing: {Status: http.StatusInternalServerError}, slow: {Hang: true}}

// A matrix runs one request under many combinations.
type matrix struct {
	*Kit
	request  Request
	endpoint endpoint.Mounted
	parts    []*compose.StepPlan // those that call a service
}

func (m *matrix) run() {
	for _, s := range m.endpoint.Plan.Steps {
		if s.Backend != "" {
			m.parts = append(m.parts, s)
		}
	}
	for _, states := range combinations(len(m.parts)) {
		m.Mend()
		time.Sleep(m.endpoint.Kept) // until nothing is left of the answer before
		var names []string
		for i, s := range states {
			if s != well {
				m.BreakStep(m.parts[i].Name, faultOf[s])
				names = append(names, fmt.Sprintf("%s %s", m.parts[i].Name, []string{"", "fails", "is slow"}[s]))
			}
		}
		for _, wrong := range m.check(m.Do(m.request), states) {
			m.T.Errorf("when %s: %s", strings.Join(names, ", "), wrong)
		}
	}
}

// check says what is wrong with a response.
func (m *matrix) check(r *Response, states []state) (wrong []string) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if r.Took > m.endpoint.Budget {
		complain("it took %v of a budget of %v", r.Took, m.endpoint.Budget)
	}
	if bytes.Contains(r.Body, []byte(Leak)) {
		complain("a backend's text leaks: %s", r.Body)
	}
	absorbed, allowed := m.expected(states)
	if len(allowed) > 0 {
		if !slices.Contains(allowed, r.Status) {
			complain("the status is %d, not one of %v: %s", r.Status, allowed, r.Body)
		}
		if got := r.Header.Get("Content-Type"); got != fault.ProblemType {
			complain("the error is %s", got)
		}
		return wrong
	}
	if r.Status < 200 || r.Status > 299 {
		complain("the status is %d: %s", r.Status, r.Body)
		return wrong
	}
	if got := r.lacking(); !slices.Equal(got, absorbed) {
		complain("degraded is %v, not %v", got, absorbed)
	}
	if len(absorbed) > 0 && r.Header.Get("Cache-Control") != "no-store" {
		complain("an incomplete answer may be stored: Cache-Control is %q", r.Header.Get("Cache-Control"))
	}
	for _, d := range conforms(r.Body, m.endpoint.Plan.Out) {
		complain("the JSON has lost its shape: %s", d)
	}
	return wrong
}

// expected says which parts the answer should lack, or, if a required part has failed,
// which statuses the failure table allows.
func (m *matrix) expected(states []state) (absorbed []string, statuses []int) {
	for i, part := range m.parts {
		if !m.network.hit(part.Name) {
			continue // it was not called: something that it needs had failed
		}
		switch {
		case !part.Required:
			absorbed = append(absorbed, part.Name)
		case states[i] == slow:
			statuses = append(statuses, http.StatusGatewayTimeout)
		default:
			statuses = append(statuses, http.StatusBadGateway)
		}
	}
	slices.Sort(absorbed)
	return absorbed, statuses
}

func (n *network) hit(step string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.hits[step]
}

// lacking lists the parts that Facet-Degraded names.
func (r *Response) lacking() (names []string) {
	for part := range strings.SplitSeq(r.Header.Get(endpoint.DegradedHeader), ",") {
		if name, _, _ := strings.Cut(strings.TrimSpace(part), ";"); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// combinations are the states of n parts to try, all well first.
func combinations(n int) (all [][]state) {
	if n > 8 {
		return pairwise(n)
	}
	for _, bad := range []state{failing, slow} {
		for subset := range 1 << n {
			if subset == 0 && bad == slow {
				continue
			}
			states := make([]state, n)
			for i := range n {
				if subset>>i&1 == 1 {
					states[i] = bad
				}
			}
			all = append(all, states)
		}
	}
	return all
}

// pairwise covers every pair of states of every two parts: each part alone, and then
// for every binary digit of the parts' numbers the parts split by it, in all nine pairs
// of states. Two different numbers differ in a digit, so every two parts are split.
func pairwise(n int) [][]state {
	all := [][]state{make([]state, n)}
	for i := range n {
		for _, bad := range []state{failing, slow} {
			states := make([]state, n)
			states[i] = bad
			all = append(all, states)
		}
	}
	for digit := range bits.Len(uint(n - 1)) {
		for pair := range 9 {
			states := make([]state, n)
			for i := range n {
				states[i] = state(pair / 3)
				if i>>digit&1 == 1 {
					states[i] = state(pair % 3)
				}
			}
			all = append(all, states)
		}
	}
	return all
}
