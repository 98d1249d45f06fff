package services

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/policy"
	"github.com/facet-bff/facet/shared/policy/balance"
)

// A running service is one of those that run.
type running struct {
	name      string
	instances *balance.Balancer
	seeks     bool // its instances are discovered
	metrics   *observe.Metrics
	log       *slog.Logger

	mu    sync.Mutex
	found bool
	err   error // of the last look
}

var errSeeking = errors.New("nobody has looked yet")

// tell takes what a source says. What was found before holds when nothing is.
func (s *running) tell(list []discover.Instance, err error) {
	s.mu.Lock()
	before := s.err
	s.found, s.err = s.found || err == nil, err
	s.mu.Unlock()
	if err != nil {
		s.metrics.NotFound(s.name)
		if before == nil || before.Error() != err.Error() {
			s.log.Warn("services: cannot find the instances of a service", "service", s.name, "error", err)
		}
		return
	}
	s.instances.Update(list)
	s.log.Info("services: found the instances of a service", "service", s.name, "instances", len(list))
}

// missing is why no instance has ever been found, or nil.
func (s *running) missing() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.seeks || s.found {
		return nil
	}
	return fmt.Errorf("the instances of %s have not been found: %w", s.name, s.err)
}

// waitMost is for how long a gateway is not ready because of a service that is not found.
// That service may be one that a view can do without: it must not keep the whole gateway
// from its clients.
const waitMost = 10 * time.Second

// Ready returns nil when the instances of all services have been found, and else why not. It
// returns nil, too, when the services have been open for 10 seconds: from then on a service
// that cannot be found is a failure of the calls to it.
func (r *Running) Ready() error {
	if time.Since(r.opened) >= waitMost {
		return nil
	}
	for _, s := range r.services {
		if err := s.missing(); err != nil {
			return err
		}
	}
	return nil
}

// A State is what operators see of one service.
type State struct {
	Name string `json:"name"`
	// NotFound is why the last look for the service's instances has failed.
	NotFound string `json:"not_found,omitzero"`
	// Panic says that all instances are used, because fewer than half of them are well.
	Panic     bool            `json:"panic,omitzero"`
	Instances []balance.State `json:"instances"`
	// Breakers are those of the service, by class; none if they are switched off.
	Breakers []policy.BreakerState `json:"breakers,omitempty"`
}

// State is how the services are at this moment, by name.
func (r *Running) State() []State {
	list := make([]State, len(r.services))
	for i, s := range r.services {
		list[i] = s.state()
		list[i].Breakers = r.breakersOf(s.name)
	}
	return list
}

func (s *running) state() State {
	state := State{Name: s.name}
	state.Instances, state.Panic = s.instances.State()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seeks && s.err != nil {
		state.NotFound = s.err.Error()
	}
	return state
}

func byName(list []*running) {
	slices.SortFunc(list, func(a, b *running) int { return strings.Compare(a.name, b.name) })
}
