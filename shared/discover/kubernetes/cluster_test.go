package kubernetes

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"go.uber.org/goleak"
	discovery "k8s.io/api/discovery/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A cluster serves the part of the Kubernetes API that a source uses, over HTTP: lists and
// watches of the slices of one service.
type cluster struct {
	*httptest.Server

	streams bool // a watch may begin with everything that is there

	mu      sync.Mutex
	slices  map[string]*discovery.EndpointSlice
	history []event       // of which a version is the length
	news    chan struct{} // closed with the next event, or illness
	ill     bool
}

type event struct {
	Type   string                   `json:"type"`
	Object *discovery.EndpointSlice `json:"object"`
}

const slicesPath = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"

func newCluster(streams bool) *cluster {
	c := &cluster{streams: streams, slices: map[string]*discovery.EndpointSlice{}, news: make(chan struct{})}
	c.Server = httptest.NewServer(c)
	return c
}

func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if r.Method != http.MethodGet || r.URL.Path != slicesPath || query.Get("labelSelector") != "kubernetes.io/service-name=catalog" {
		http.Error(w, "nobody should ask this", http.StatusNotFound)
		return
	}
	c.mu.Lock()
	if c.ill {
		c.mu.Unlock()
		http.Error(w, "ill", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if query.Get("watch") == "" {
		defer c.mu.Unlock()
		list := &discovery.EndpointSliceList{TypeMeta: meta.TypeMeta{Kind: "EndpointSliceList", APIVersion: "discovery.k8s.io/v1"}}
		list.ResourceVersion = strconv.Itoa(len(c.history))
		for _, s := range c.slices {
			list.Items = append(list.Items, *s)
		}
		_ = json.MarshalWrite(w, list, stringsAsTheyAre)
		return
	}
	initial := query.Get("sendInitialEvents") == "true"
	if initial && !c.streams {
		c.mu.Unlock()
		http.Error(w, "sendInitialEvents is forbidden", http.StatusUnprocessableEntity)
		return
	}
	after, _ := strconv.Atoi(query.Get("resourceVersion"))
	if initial {
		after = len(c.history)
		for _, s := range c.slices {
			send(w, event{"ADDED", s})
		}
		end := &discovery.EndpointSlice{TypeMeta: kind}
		end.ResourceVersion = strconv.Itoa(after)
		end.Annotations = map[string]string{meta.InitialEventsAnnotationKey: "true"}
		send(w, event{"BOOKMARK", end})
	}
	c.mu.Unlock()
	c.follow(w, r, after)
}

// follow sends what happens, until the client leaves or the cluster is ill.
func (c *cluster) follow(w http.ResponseWriter, r *http.Request, after int) {
	_ = http.NewResponseController(w).Flush()
	for {
		c.mu.Lock()
		for _, e := range c.history[min(after, len(c.history)):] {
			send(w, e)
		}
		after = len(c.history)
		news, ill := c.news, c.ill
		c.mu.Unlock()
		_ = http.NewResponseController(w).Flush()
		if ill {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-news:
		}
	}
}

var (
	kind             = meta.TypeMeta{Kind: "EndpointSlice", APIVersion: "discovery.k8s.io/v1"}
	stringsAsTheyAre = json.OmitZeroStructFields(false)
)

func send(w http.ResponseWriter, e event) {
	_ = json.MarshalWrite(w, e, stringsAsTheyAre)
	_, _ = w.Write([]byte("\n"))
}

// put makes or replaces a slice; nil removes it.
func (c *cluster) put(name string, s *discovery.EndpointSlice) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, was := c.slices[name]
	what := "ADDED"
	switch {
	case s == nil:
		what, s = "DELETED", before
		delete(c.slices, name)
	case was:
		what = "MODIFIED"
	}
	own := s.DeepCopy()
	own.TypeMeta, own.Name, own.Namespace = kind, name, "shop"
	own.Labels = map[string]string{discovery.LabelServiceName: "catalog"}
	own.ResourceVersion = strconv.Itoa(len(c.history) + 1)
	if what != "DELETED" {
		c.slices[name] = own
	}
	c.history = append(c.history, event{what, own})
	c.wake()
}

func (c *cluster) set(ill bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ill = ill
	c.wake()
}

func (c *cluster) wake() {
	close(c.news)
	c.news = make(chan struct{})
}

// slice is one of endpoints that are ready, at port "http".
func slice(port int32, addresses ...string) *discovery.EndpointSlice {
	s := &discovery.EndpointSlice{AddressType: discovery.AddressTypeIPv4}
	s.Ports = []discovery.EndpointPort{{Name: new("http"), Port: &port}}
	for _, a := range addresses {
		s.Endpoints = append(s.Endpoints, discovery.Endpoint{Addresses: []string{a}})
	}
	return s
}
