package discover

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"time"
)

// DNSConfig is the section "dns": each address of a name is an instance. Addresses are of
// version 4, and of version 6 only where there are none: a host that has both is one
// instance.
type DNSConfig struct {
	// URL is the service's, by name.
	URL      string        `yaml:"url" validate:"required"`
	Interval time.Duration `yaml:"interval" default:"5s" validate:"min=1s"`   // between two looks
	Server   string        `yaml:"server" validate:"omitempty,hostname_port"` // empty: the system's
}

// Validate checks what the tags cannot.
func (c DNSConfig) Validate() error {
	if err := validateURL(c.URL); err != nil {
		return err
	}
	if _, err := netip.ParseAddr(c.url().Hostname()); err == nil {
		return errors.New("url has an address, which is not looked up: give it as the service's url")
	}
	return nil
}

// url is valid.
func (c DNSConfig) url() *url.URL {
	u, err := url.Parse(c.URL)
	if err != nil {
		return new(url.URL)
	}
	return u
}

func (c DNSConfig) source() Source {
	a := addresses{names: newNames(c.Server), url: c.url()}
	return poll{every: c.Interval, find: a.find}
}

// names asks the system's name servers, or one server.
type names struct {
	*net.Resolver
	server string
}

func newNames(server string) names {
	if server == "" {
		return names{Resolver: net.DefaultResolver}
	}
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server)
	}
	return names{&net.Resolver{PreferGo: true, Dial: dial}, server}
}

// failure says which server was asked: the resolver believes that it was the system's.
func (n names) failure(err error) error {
	known, ok := errors.AsType[*net.DNSError](err)
	if !ok || n.server == "" {
		return err
	}
	own := *known
	own.Server = n.server
	return &own
}

// addresses are the instances that the A or AAAA records of a name say.
type addresses struct {
	names
	url *url.URL
}

func (a addresses) find(ctx context.Context) ([]Instance, error) {
	found, err := a.LookupNetIP(ctx, "ip4", a.url.Hostname())
	if missing(err) || err == nil && len(found) == 0 {
		found, err = a.LookupNetIP(ctx, "ip6", a.url.Hostname())
	}
	if err != nil {
		return nil, a.failure(err)
	}
	list := make([]Instance, len(found))
	for i, ip := range found {
		u := *a.url
		u.Host = ip.Unmap().String()
		if ip.Unmap().Is6() {
			u.Host = "[" + u.Host + "]"
		}
		if port := a.url.Port(); port != "" {
			u.Host += ":" + port
		}
		list[i] = Instance{URL: u.String(), Weight: 1}
	}
	return list, nil
}

// missing reports that there are no records, as far as the name server knows.
func missing(err error) bool {
	unknown, ok := errors.AsType[*net.DNSError](err)
	return ok && unknown.IsNotFound
}
