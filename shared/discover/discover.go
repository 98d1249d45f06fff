// Package discover finds the instances of a service, and finds them again when they change:
// in DNS, as addresses or SRV records, or in a file.
//
// A source that finds nothing has failed, and what it found before still holds: a name
// server that is ill, or a file that somebody is writing, must not take away a service that
// runs.
package discover

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// An Instance is one place where a service runs. In configuration it may be just its URL.
type Instance struct {
	// URL has a scheme, a host and perhaps a path.
	URL string `yaml:"url,short" validate:"required"`
	// Weight is its part of the traffic, beside the weights of the others.
	Weight int `yaml:"weight" default:"1" validate:"min=1,max=1000000"`
	// Priority 1 is for when too few of 0 are left, and so on.
	Priority int `yaml:"priority" default:"0" validate:"min=0"`
}

// Validate checks what the tags cannot.
func (i Instance) Validate() error { return validateURL(i.URL) }

func validateURL(base string) error {
	u, err := url.Parse(base)
	switch {
	case base == "": // as its tag says
		return nil
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return errors.New("an instance must be http://host or https://host, with a port and a path if need be")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(base, "#"):
		return errors.New("an instance's URL must have no query and no fragment")
	case u.User != nil:
		return errors.New("an instance's URL must have no user and no password")
	}
	return nil
}

// At are instances at the given URLs, all alike.
func At(urls ...string) []Instance {
	list := make([]Instance, len(urls))
	for i, u := range urls {
		list[i] = Instance{URL: u, Weight: 1}
	}
	return list
}

// In returns the instances as a request's base needs them, in one order, and each once.
func In(list []Instance) []Instance {
	list = slices.Clone(list)
	for i := range list {
		list[i].URL = strings.TrimRight(list[i].URL, "/")
		list[i].Weight = max(list[i].Weight, 1)
	}
	slices.SortFunc(list, func(a, b Instance) int {
		return cmp.Or(cmp.Compare(a.URL, b.URL), cmp.Compare(a.Priority, b.Priority), cmp.Compare(b.Weight, a.Weight))
	})
	return slices.CompactFunc(list, func(a, b Instance) bool { return a.URL == b.URL })
}

// A Source knows where the instances of a service are.
type Source interface {
	// Watch tells what it finds, at first and whenever that changes, and each failure,
	// until ctx is done. A list has at least one instance, and nobody changes it any more.
	Watch(ctx context.Context, tell func([]Instance, error))
}

// Start watches a source until stop is called, which returns when nothing is told any more.
func Start(s Source, tell func([]Instance, error)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() { s.Watch(ctx, tell) })
	return func() {
		cancel()
		watching.Wait()
	}
}

// Config is the section "discover": exactly one way to find the instances of a service.
type Config struct {
	DNS   *DNSConfig   `yaml:"dns"`
	SRV   *SRVConfig   `yaml:"srv"`
	File  *FileConfig  `yaml:"file"`
	Other *OtherConfig `yaml:"other"`
}

// OtherConfig is the section "other": a way to find instances that the gateway's program
// brings along, by name, as it does [Maker]s.
type OtherConfig struct {
	Name     string            `yaml:"name" validate:"required"`                         // of the way, as the gateway's Definition has it
	Host     string            `yaml:"host" validate:"omitempty,hostname_port|hostname"` // what the instances are called; empty: as in their URLs
	Settings map[string]string `yaml:"settings"`                                         // as that way has them
}

// A Maker makes a source of a section's settings. Its error says which of them is wrong.
type Maker func(settings map[string]string) (Source, error)

// Validate checks what the tags cannot.
func (c Config) Validate() error {
	given := 0
	for _, is := range []bool{c.DNS != nil, c.SRV != nil, c.File != nil, c.Other != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		return errors.New("give one of dns, srv, file and other")
	}
	return nil
}

// Source is where to look, as a valid configuration says. It fails only if that names none
// of the others, or another that fails.
func (c Config) Source(others map[string]Maker) (Source, error) {
	switch {
	case c.DNS != nil:
		return c.DNS.source(), nil
	case c.SRV != nil:
		return c.SRV.source(), nil
	case c.File != nil:
		return c.File.source(), nil
	}
	maker, known := others[c.Other.Name]
	if !known {
		return nil, fmt.Errorf("other.name: this program does not bring along %q, but only %q", c.Other.Name, slices.Sorted(maps.Keys(others)))
	}
	source, err := maker(c.Other.Settings)
	if err != nil {
		return nil, fmt.Errorf("other.settings: %w", err)
	}
	return source, nil
}

// Host is what the instances have to be called, in their Host header and certificate, where
// their URLs have addresses instead; empty where the URLs have it.
func (c Config) Host() string {
	switch {
	case c.DNS != nil:
		return c.DNS.url().Host
	case c.Other != nil:
		return c.Other.Host
	}
	return ""
}
