package kubernetes

import (
	"fmt"
	"net"
	"net/url"
	"strconv"

	discovery "k8s.io/api/discovery/v1"

	"github.com/facet-bff/facet/shared/discover"
)

// families are the kinds of addresses, the first choice first: a pod that has several is one
// instance.
var families = []discovery.AddressType{discovery.AddressTypeIPv4, discovery.AddressTypeIPv6, discovery.AddressTypeFQDN}

// instances are the endpoints that are ready.
func (s *source) instances(slices []*discovery.EndpointSlice) ([]discover.Instance, error) {
	for _, family := range families {
		var list []discover.Instance
		for _, slice := range slices {
			if slice.AddressType != family {
				continue
			}
			some, err := s.ready(slice)
			if err != nil {
				return nil, err
			}
			list = append(list, some...)
		}
		if len(list) > 0 {
			return discover.In(list), nil
		}
	}
	return nil, fmt.Errorf("service %s in namespace %s has no endpoint that is ready", s.service, s.namespace)
}

func (s *source) ready(slice *discovery.EndpointSlice) ([]discover.Instance, error) {
	var list []discover.Instance
	for _, e := range slice.Endpoints {
		if e.Conditions.Ready != nil && !*e.Conditions.Ready || len(e.Addresses) == 0 {
			continue
		}
		port, err := s.portOf(slice)
		if err != nil {
			return nil, err
		}
		u := url.URL{Scheme: s.scheme, Host: net.JoinHostPort(e.Addresses[0], port), Path: s.path}
		list = append(list, discover.Instance{URL: u.String(), Weight: 1})
	}
	return list, nil
}

func (s *source) portOf(slice *discovery.EndpointSlice) (string, error) {
	var found []string
	for _, p := range slice.Ports {
		if p.Port == nil {
			continue
		}
		number := strconv.Itoa(int(*p.Port))
		if s.port == "" || s.port == number || p.Name != nil && s.port == *p.Name {
			found = append(found, number)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case s.port == "":
		return "", fmt.Errorf("service %s in namespace %s has %d ports: say which", s.service, s.namespace, len(found))
	}
	return "", fmt.Errorf("service %s in namespace %s has no port %s", s.service, s.namespace, s.port)
}
