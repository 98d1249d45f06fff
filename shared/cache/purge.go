package cache

import (
	"context"
	"errors"
	"slices"
)

// A Purge says what shall not be given from any cache any more, although its time is not
// over. The parts are independent of each other.
type Purge struct {
	// Tags are those that operations declare; they go for all gateways of the namespace.
	Tags []string `json:"tags,omitempty"`
	// Services are all answers of these, and Paths single ones: whatever else was asked for
	// in their requests.
	Services []string `json:"services,omitempty"`
	Paths    []Path   `json:"paths,omitempty"`
	// All is everything that this gateway keeps.
	All bool `json:"all,omitzero"`
}

// A Path is where answers of a service are.
type Path struct {
	Service string `json:"service"`
	Path    string `json:"path"` // as the service is asked, with its query
}

// Validate refuses what purges nothing, or more than can be meant.
func (p Purge) Validate() error {
	const most = 1000
	n := len(p.Tags) + len(p.Services) + len(p.Paths)
	switch {
	case n == 0 && !p.All:
		return errors.New("it purges nothing: give tags, services, paths or all")
	case n > most:
		return errors.New("it names more than 1000; purge their services, or all")
	}
	if slices.Contains(p.Tags, "") || slices.Contains(p.Services, "") {
		return errors.New("a name is empty")
	}
	for _, path := range p.Paths {
		if path.Service == "" || path.Path == "" {
			return errors.New("a path needs its service and its path")
		}
	}
	return nil
}

// Purge purges. When it returns, nothing of it is given here any more, nor will anything that
// was being made. It reports whether all replicas have been told; those that have not will be
// when Redis can be reached again.
func (e *Epochs) Purge(ctx context.Context, p Purge) (told bool) {
	if e == nil {
		return true
	}
	var slots []uint16
	if p.All {
		slots = append(slots, e.own(ofAll))
	}
	for _, tag := range p.Tags {
		slots = append(slots, slotOf(ofTag, tag))
	}
	for _, service := range p.Services {
		slots = append(slots, e.own(ofService, service))
	}
	for _, path := range p.Paths {
		slots = append(slots, e.own(ofPath, path.Service, path.Path))
	}
	return e.purge(ctx, slots)
}
