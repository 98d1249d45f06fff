// Package kubernetes finds the instances of a service in the EndpointSlices of a Kubernetes
// cluster, as soon as they change. It is a module of its own, since a gateway that needs no
// cluster should not carry its client. One that does brings it along:
//
//	gateway.Definition[*shop.Backends]{
//		Sources: map[string]discover.Maker{"kubernetes": kubernetes.Source}, ...
//
// and says in its configuration which service it means:
//
//	discover: {other: {name: kubernetes, settings: {service: catalog, port: http}}}
//
// The gateway's service account has to be allowed to list and watch the endpointslices of
// discovery.k8s.io in the service's namespace.
package kubernetes

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	discovery "k8s.io/client-go/kubernetes/typed/discovery/v1"
	"k8s.io/client-go/rest"

	"github.com/facet-bff/facet/shared/discover"
)

// Source makes a source of these settings:
//
//   - service: the name of a Service (required)
//   - namespace: where it is; the gateway's own by default
//   - port: the name or number of its port; it may be left out if there is only one
//   - scheme: http, the default, or https
//   - path: what comes before the path of each call
//   - server: the URL of the cluster's API, as kubectl proxy serves it, without credentials;
//     by default the one that the cluster tells its pods
func Source(settings map[string]string) (discover.Source, error) {
	s, err := read(settings)
	if err != nil {
		return nil, err
	}
	client, err := newClient(s)
	if err != nil {
		return nil, err
	}
	return client, nil
}

// settings are those of one service.
type settings struct {
	service, namespace, port, scheme, path, server string
}

func read(given map[string]string) (settings, error) {
	var s settings
	known := map[string]*string{
		"service": &s.service, "namespace": &s.namespace, "port": &s.port, "scheme": &s.scheme, "path": &s.path, "server": &s.server,
	}
	for name, value := range given {
		to, ok := known[name]
		if !ok {
			return s, fmt.Errorf("%s: unknown key", name)
		}
		*to = value
	}
	s.scheme = cmp.Or(s.scheme, "http")
	switch {
	case s.service == "":
		return s, errors.New("service: is required")
	case s.scheme != "http" && s.scheme != "https":
		return s, errors.New("scheme: must be one of http, https")
	case s.path != "" && !strings.HasPrefix(s.path, "/") || strings.ContainsAny(s.path, "?#"):
		return s, errors.New("path: must start with / and have no query")
	}
	if u, err := url.Parse(s.server); s.server != "" && (err != nil || u.Host == "") {
		return s, errors.New("server: must be a valid http or https URL")
	}
	return s, nil
}

// ownNamespace is where a cluster tells a pod which namespace it is in.
const ownNamespace = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

// A source watches the EndpointSlices of one service.
type source struct {
	settings
	http   *http.Client
	client discovery.EndpointSliceInterface
}

func newClient(s settings) (*source, error) {
	config := &rest.Config{Host: s.server}
	if s.server == "" {
		var err error
		if config, err = rest.InClusterConfig(); err != nil {
			return nil, fmt.Errorf("server: is required outside of a cluster: %w", err)
		}
	}
	if s.namespace == "" {
		own, err := os.ReadFile(ownNamespace)
		if err != nil {
			return nil, fmt.Errorf("namespace: is required outside of a cluster: %w", err)
		}
		s.namespace = strings.TrimSpace(string(own))
	}
	config.UserAgent = "facet"
	config.Proxy = http.ProxyFromEnvironment
	connections, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	client, err := discovery.NewForConfigAndClient(config, connections)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	return &source{settings: s, http: connections, client: client.EndpointSlices(s.namespace)}, nil
}
