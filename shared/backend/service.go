package backend

import (
	"context"
	"sync"

	"github.com/facet-bff/facet/shared/fault"
)

// A Service is a backend with its policies applied. It is immutable.
type Service struct {
	name string
	send Sender
}

// NewService returns a service that sends through send.
func NewService(name string, send Sender) *Service { return &Service{name: name, send: send} }

// Name is the service's name in configuration, metrics and logs.
func (s *Service) Name() string { return s.name }

// Send sends a request that names no service yet.
func (s *Service) Send(ctx context.Context, req *Request) (*Response, error) {
	req.Service = s.name
	return s.send(ctx, req)
}

// Services are the services of one generation, by name. It is safe for concurrent use.
type Services struct {
	mu      sync.Mutex
	byName  map[string]*Service
	missing map[string]bool
}

// NewServices returns a set of the given services.
func NewServices(services ...*Service) *Services {
	s := &Services{byName: make(map[string]*Service), missing: make(map[string]bool)}
	for _, service := range services {
		s.byName[service.name] = service
	}
	return s
}

// Get returns the service of that name. A service that is not configured is returned
// all the same, and every call to it fails: a gateway may share a vocabulary of
// services of which it calls only some. [Services.Has] tells them apart.
func (s *Services) Get(name string) *Service {
	s.mu.Lock()
	defer s.mu.Unlock()
	if service, ok := s.byName[name]; ok {
		return service
	}
	service := NewService(name, func(context.Context, *Request) (*Response, error) {
		return nil, &fault.Error{Kind: fault.Unavailable, Service: name, Detail: "a service is not configured"}
	})
	s.byName[name], s.missing[name] = service, true
	return service
}

// Has reports whether the service is configured.
func (s *Services) Has(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byName[name] != nil && !s.missing[name]
}
