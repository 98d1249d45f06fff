// Facet is a gateway as a team writes it, from the public API alone and with the defaults
// of production: the candidate of the load test.
package main

import (
	_ "embed"
	"fmt"
	"log"
	"time"

	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

func main() {
	crowd, err := crowdSize()
	if err != nil {
		log.Fatal(err)
	}
	gateway.Main(crowded(Gateway, crowd))
}

//go:embed facet.yaml
var defaults []byte

// Gateway is every scenario but S1, S4, S5 and S8, which are routes in facet.yaml.
var Gateway = gateway.Definition[*Backends]{
	Name: "load", Backends: NewBackends, Config: defaults,
	Endpoints: append(endpoint.Table[*Backends]{
		endpoint.GET("/s0", access.Public, constant),
		endpoint.GET("/s2/home/{id}", access.Public, func(b *Backends) home { return newHome("load.home", b.Shop) }),
		endpoint.GET("/d5/s2/home/{id}", access.Public, func(b *Backends) home { return newHome("load.home.slow", b.Slow) }),
		endpoint.GET("/t5/s2/home/{id}", access.Public, func(b *Backends) home { return newHome("load.home.tail", b.Tail) }),
		endpoint.GET("/s3/home/{id}", access.Public, func(b *Backends) home { return newHome("load.home.kept", b.Shop) }, endpoint.Cached(time.Hour)),
		endpoint.GET("/s6/profile/{id}", access.Public, profile),
		endpoint.GET("/s9/pages/{kb}/{id}", access.Public, page),
	}, append(fans(), shapes()...)...),
}

func fans() (table endpoint.Table[*Backends]) {
	for _, n := range []int{1, 2, 4, 8, 16, 32} {
		table = append(table, endpoint.GET(fmt.Sprintf("/s7/%d/{id}", n), access.Public, fan(n)))
	}
	return table
}
