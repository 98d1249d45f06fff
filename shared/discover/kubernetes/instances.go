package kubernetes

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"

	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"

	"github.com/facet-bff/facet/shared/discover"
)

// families are the kinds of addresses, the first choice first: a pod that has several is one
// instance.
var families = []discovery.AddressType{discovery.AddressTypeIPv4, discovery.AddressTypeIPv6, discovery.AddressTypeFQDN}

// instances are the endpoints that are ready. The cluster puts pods that lack the service's
// port, as in the middle of a rollout that renames it, into slices of their own: those are not
// endpoints, and keep nobody from the others.
func (s *source) instances(all []*discovery.EndpointSlice) ([]discover.Instance, error) {
	none := fmt.Errorf("service %s in namespace %s has no endpoint that is ready", s.service, s.namespace)
	for _, family := range families {
		var list []discover.Instance
		for _, slice := range all {
			if slice.AddressType != family {
				continue
			}
			addresses := ready(slice)
			if len(addresses) == 0 {
				continue
			}
			port, err := s.portOf(slice)
			switch {
			case errors.Is(err, errNoPort):
				none = err
				continue
			case err != nil:
				return nil, err
			}
			list = append(list, s.at(addresses, port)...)
		}
		if len(list) > 0 {
			return discover.In(list), nil
		}
	}
	return nil, none
}

// ready are the addresses of the endpoints that are.
func ready(slice *discovery.EndpointSlice) (addresses []string) {
	for _, e := range slice.Endpoints {
		if (e.Conditions.Ready == nil || *e.Conditions.Ready) && len(e.Addresses) > 0 {
			addresses = append(addresses, e.Addresses[0])
		}
	}
	return addresses
}

func (s *source) at(addresses []string, port string) []discover.Instance {
	list := make([]discover.Instance, len(addresses))
	for i, address := range addresses {
		u := url.URL{Scheme: s.scheme, Host: net.JoinHostPort(address, port), Path: s.path}
		list[i] = discover.Instance{URL: u.String(), Weight: 1}
	}
	return list
}

var errNoPort = errors.New("has no port")

// portOf is the port that is meant: HTTP is spoken over TCP, whatever else has the same number.
func (s *source) portOf(slice *discovery.EndpointSlice) (string, error) {
	var found []string
	for _, p := range slice.Ports {
		if p.Port == nil || p.Protocol != nil && *p.Protocol != core.ProtocolTCP {
			continue
		}
		number := strconv.Itoa(int(*p.Port))
		if meant := s.port == "" || s.port == number || p.Name != nil && s.port == *p.Name; meant && !slices.Contains(found, number) {
			found = append(found, number)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("service %s in namespace %s %w %s", s.service, s.namespace, errNoPort, s.port)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("service %s in namespace %s has %d ports: say which", s.service, s.namespace, len(found))
}
