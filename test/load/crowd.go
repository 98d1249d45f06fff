package main

import (
	"fmt"
	"path/filepath"
	"slices"
)

// patient are our gateways for a thousand requests under way, the better part of which
// facet's defaults refuse: they wait longer, and keep more connections to each service.
func patient(all []candidate) []candidate {
	settings := []string{"env", "FACET_ENDPOINTS__BUDGET=10s"}
	for _, service := range []string{"USERS", "INVENTORY", "PRODUCTS", "ORDERS"} {
		for _, setting := range []string{"LIMIT__CONCURRENT=1000", "CONNECTIONS__MAX_CONNS=1000", "CONNECTIONS__MAX_IDLE_CONNS=1000", "TIMEOUT__DEFAULT=8s"} {
			settings = append(settings, "FACET_SERVICES__"+service+"__"+setting)
		}
	}
	var ours []candidate
	for _, c := range all {
		switch c.name {
		case "naive":
			c.command = append(slices.Clip(c.command), "-idle", "1000")
		case "facet":
			c.command = append(settings, c.command...)
		default:
			continue
		}
		ours = append(ours, c)
	}
	return ours
}

// crowds are facet with each of these numbers of endpoints and routes that nobody asks for.
func crowds(bin string, sizes []int) (all []candidate) {
	for i, n := range sizes {
		address := fmt.Sprintf("127.0.0.1:%d", 18130+i)
		all = append(all, candidate{name: "facet", address: address, command: []string{
			"env", fmt.Sprintf("LOAD_CROWD=%d", n), "FACET_SERVER__ADDRESS=" + address, "FACET_MANAGEMENT__ADDRESS=127.0.0.1:0",
			filepath.Join(bin, "facet"),
		}})
	}
	return all
}
