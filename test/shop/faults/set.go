package faults

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
)

// errUnknown means that no service of that name runs here.
var errUnknown = errors.New("no such service")

// Set holds the faults of some services. It is safe for concurrent use.
type Set struct {
	services []string

	mu     sync.RWMutex
	faults map[string]Fault
	random *rand.Rand
}

// NewSet returns a set without faults for the named services.
func NewSet(services ...string) *Set {
	return &Set{services: services, faults: map[string]Fault{}, random: rand.New(rand.NewPCG(1, 2))}
}

// put replaces the fault of one service, or of every one ("*" or "all").
func (s *Set) put(service string, fault Fault) error {
	names, err := s.named(service)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		if fault == (Fault{}) {
			delete(s.faults, name)
			continue
		}
		s.faults[name] = fault
	}
	return nil
}

func (s *Set) named(service string) ([]string, error) {
	if service == "*" || service == "all" {
		return s.services, nil
	}
	if !slices.Contains(s.services, service) {
		return nil, errUnknown
	}
	return []string{service}, nil
}

func (s *Set) all() map[string]Fault {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return maps.Clone(s.faults)
}

// draw decides what happens to a service's next call; false means nothing special.
func (s *Set) draw(service string) (outcome, bool) {
	s.mu.RLock()
	fault, ok := s.faults[service]
	s.mu.RUnlock()
	if !ok {
		return outcome{}, false
	}
	s.mu.Lock() // random is not safe for concurrent use
	defer s.mu.Unlock()
	return fault.draw(s.random), true
}
