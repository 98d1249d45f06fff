package route

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/overload"
)

// A Table finds the route of a request. It is immutable and safe for concurrent use.
type Table struct {
	routes []*Route // the most specific first
	root   node
}

// New makes a table of routes to services, from what config.Load returned. A nil limiter
// lets everybody in. The error lists everything that is wrong.
func New(configs []Config, services *backend.Services, limiter *overload.Limiter) (*Table, error) {
	t := &Table{}
	var wrong []error
	named := map[string]bool{}
	for _, c := range configs {
		if named[c.Name] {
			wrong = append(wrong, fmt.Errorf("routes: two are called %q: rename one", c.Name))
		}
		named[c.Name] = true
		r, err := newRoute(c, services, limiter)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("route %q: %w", c.Name, err))
			continue
		}
		t.routes = append(t.routes, r)
	}
	slices.SortStableFunc(t.routes, func(a, b *Route) int { return a.specificity.compare(b.specificity) })
	for rank, r := range t.routes {
		r.rank = rank
		t.root.add(r)
	}
	wrong = append(wrong, t.ambiguities()...)
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return t, nil
}

// Routes lists the routes in the order in which they take precedence.
func (t *Table) Routes() []*Route { return slices.Clone(t.routes) }

// Match returns the route that takes the request, or nil if there is none. The error is a
// *fault.Error: the path is not acceptable, or it exists with other methods only.
func (t *Table) Match(r *http.Request) (*Route, error) {
	if u := r.URL; u.Scheme != "" || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(u.Path, "/") {
		return nil, nil // OPTIONS *, or a request to a proxy
	}
	var few segments
	path, err := segmentsOf(r.URL, &few)
	if err != nil {
		return nil, err
	}
	s := search{r: r, host: hostname(r.Host)}
	s.walk(&t.root, path)
	if s.best == nil && len(s.others) > 0 {
		return nil, &fault.Error{
			Kind: fault.Invalid, Status: http.StatusMethodNotAllowed,
			Allow:  strings.Join(slices.Sorted(maps.Keys(s.others)), ", "),
			Detail: "This method is not allowed here.",
		}
	}
	return s.best, nil
}

// ambiguities finds routes that no order tells apart. Only routes of equal specificity
// can be such, and these are neighbours.
func (t *Table) ambiguities() (wrong []error) {
	for i, a := range t.routes {
		for _, b := range t.routes[i+1:] {
			if a.specificity != b.specificity {
				break
			}
			if a.overlaps(b) {
				wrong = append(wrong, fmt.Errorf("routes %q and %q match the same requests: give one of them another path, "+
					"host, method or header to match", a.name, b.name))
			}
		}
	}
	return wrong
}

// A specificity orders routes; the most specific is the least.
type specificity struct {
	class      class
	literals   int
	rest       bool
	segments   int
	host       int
	conditions int
}

func (s specificity) compare(other specificity) int {
	return cmp.Or(
		cmp.Compare(s.class, other.class),
		cmp.Compare(other.literals, s.literals),
		cmp.Compare(btoi(s.rest), btoi(other.rest)),
		cmp.Compare(other.segments, s.segments),
		cmp.Compare(other.host, s.host),
		cmp.Compare(other.conditions, s.conditions),
	)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// A node is a place in the tree of segments. Routes are in their order of precedence.
type node struct {
	literals map[string]*node
	variable *node
	ending   []*Route // routes whose path ends here
	open     []*Route // routes that take what follows, too
}

func (n *node) add(r *Route) {
	for _, s := range r.template.segments {
		n = n.child(s)
	}
	if r.template.rest != "" {
		n.open = append(n.open, r)
	} else {
		n.ending = append(n.ending, r)
	}
}

func (n *node) child(s segment) *node {
	if s.name != "" {
		if n.variable == nil {
			n.variable = &node{}
		}
		return n.variable
	}
	if n.literals == nil {
		n.literals = map[string]*node{}
	}
	if n.literals[s.literal] == nil {
		n.literals[s.literal] = &node{}
	}
	return n.literals[s.literal]
}

// A search walks down the tree. It visits what fits the path, and so costs the same
// however many other routes there are.
type search struct {
	r      *http.Request
	host   string
	best   *Route
	others map[string]bool // methods of routes that only lack the request's method
}

func (s *search) walk(n *node, path []string) {
	s.consider(n.open)
	if len(path) == 0 {
		s.consider(n.ending)
		return
	}
	if child := n.literals[path[0]]; child != nil {
		s.walk(child, path[1:])
	}
	if n.variable != nil && path[0] != "" {
		s.walk(n.variable, path[1:])
	}
}

func (s *search) consider(routes []*Route) {
	for _, r := range routes {
		switch {
		case s.best != nil && s.best.rank < r.rank:
			return
		case !r.conditions.hold(s.r, s.host):
		case r.conditions.methods[s.r.Method]:
			s.best = r
			return
		default:
			if s.others == nil {
				s.others = map[string]bool{}
			}
			maps.Copy(s.others, r.conditions.methods)
		}
	}
}
