package kubernetes_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/facet-bff/facet/shared/discover"
	"github.com/facet-bff/facet/shared/discover/kubernetes"
)

const slices = `{"kind": "EndpointSliceList", "apiVersion": "discovery.k8s.io/v1", "metadata": {"resourceVersion": "7"}, "items": [{
	"metadata": {"name": "catalog-x7", "namespace": "shop"}, "addressType": "IPv4",
	"ports": [{"name": "http", "port": 8080}], "endpoints": [{"addresses": ["10.0.0.1"]}, {"addresses": ["10.0.0.2"]}]
}]}`

func ExampleSource() {
	cluster := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch query := r.URL.Query(); {
		case query.Get("sendInitialEvents") == "true": // a cluster of before 1.32
			w.WriteHeader(http.StatusUnprocessableEntity)
		case query.Get("watch") == "true": // nothing happens
			<-r.Context().Done()
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, slices)
		}
	}))
	defer cluster.Close()

	source, err := kubernetes.Source(map[string]string{
		"server": cluster.URL, "namespace": "shop", "service": "catalog", "port": "http",
	})
	if err != nil {
		panic(err)
	}
	found := make(chan []discover.Instance)
	stop := discover.Start(source, func(list []discover.Instance, err error) {
		if err == nil {
			found <- list
		}
	})
	defer stop()
	for _, instance := range <-found {
		fmt.Println(instance.URL)
	}
	// Output:
	// http://10.0.0.1:8080
	// http://10.0.0.2:8080
}
