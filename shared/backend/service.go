package backend

import (
	"context"

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

// Services are the services of one generation, by name. They are immutable.
type Services struct{ byName map[string]*Service }

// NewServices returns a set of the given services.
func NewServices(services ...*Service) *Services {
	s := &Services{byName: make(map[string]*Service, len(services))}
	for _, service := range services {
		s.byName[service.name] = service
	}
	return s
}

// Get returns the service of that name. A service that is not configured is returned
// all the same, and every call to it fails: a gateway may share a vocabulary of
// services of which it calls only some. [Services.Has] tells them apart.
func (s *Services) Get(name string) *Service {
	if service, ok := s.byName[name]; ok {
		return service
	}
	return NewService(name, func(context.Context, *Request) (*Response, error) {
		return nil, &fault.Error{Kind: fault.Unavailable, Service: name, Detail: "a service is not configured"}
	})
}

// Has reports whether the service is configured.
func (s *Services) Has(name string) bool {
	_, ok := s.byName[name]
	return ok
}
