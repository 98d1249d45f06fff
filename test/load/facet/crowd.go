package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/gateway"
	"github.com/facet-bff/facet/shared/identity/access"
)

// crowdVariable is the environment variable that says how large the crowd is.
const crowdVariable = "LOAD_CROWD"

// crowdSize is 0 when nobody has asked for a crowd.
func crowdSize() (int, error) {
	text := os.Getenv(crowdVariable)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%s is the number of endpoints that nobody asks for: %w", crowdVariable, err)
	}
	return int(n), nil
}

// mostRoutes is how many routes a crowd has at most: with more of them, facet.yaml would
// exceed the 10,000 keys that a configuration may have.
const mostRoutes = 1500

// crowded returns the gateway with n further endpoints and as many routes, which nobody
// asks for. Their paths begin like those of the scenarios, so that a router has to look.
func crowded(def gateway.Definition[*Backends], n int) gateway.Definition[*Backends] {
	const first, list = 10000, "\nroutes:\n"
	def.Endpoints = slices.Clip(def.Endpoints)
	routes := []byte(list)
	for i := range n {
		path, name := fmt.Sprintf("/s%d/home/{id}", first+i), fmt.Sprintf("load.crowd%d", i)
		def.Endpoints = append(def.Endpoints, endpoint.GET(path, access.Public, func(b *Backends) home { return newHome(name, b.Shop) }))
		if i < mostRoutes {
			routes = fmt.Appendf(routes, "  - {name: crowd%d, service: users, match: {pattern: \"/s%d/users/{id}\"}, rewrite: \"/users/{id}\", access: public}\n", i, first+i)
		}
	}
	def.Config = bytes.Replace(def.Config, []byte(list), routes, 1)
	return def
}
