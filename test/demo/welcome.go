package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/facet-bff/facet/test/demo/fleet"
)

// welcome says where everything is, and what to try. redis is its URL; empty is none.
func welcome(w io.Writer, l fleet.Layout, bin, redis string, took time.Duration) {
	table(w, l, redis)
	fmt.Fprintf(w, "\nLogs are in %s. Paste these:\n\n", filepath.Join(bin, "*.log"))
	for _, try := range triesWith(redis) {
		fmt.Fprintln(w, placed(l).Replace("# "+try.what+"\n"+try.command+"\n"))
	}
	fmt.Fprintf(w, "Ready after %s. Ctrl-C stops everything.\n", took.Round(time.Millisecond))
}

func table(w io.Writer, l fleet.Layout, redis string) {
	columns := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, name := range fleet.Shop() {
		fmt.Fprintf(columns, "%s\t%s%s\n", name, l.URL(name), remarks[name])
	}
	for _, name := range fleet.Gateways() {
		fmt.Fprintf(columns, "%s\t%s\tmanagement: %s\n", name, l.URL(name), l.Management(name))
		if redis != "" {
			url, management := l.Replica(name)
			fmt.Fprintf(columns, "%s\t%s\tmanagement: %s\n", name+"-2", url, management)
		}
	}
	if redis != "" {
		fmt.Fprintf(columns, "redis\t%s\n", redis)
	}
	_ = columns.Flush() // whoever reads has gone
}

var remarks = map[string]string{
	"idp":     "\tthe identity provider; tokens: /demo/token?user=u1&scope=orders:write&role=support",
	"control": "\tfaults and counts of calls: /faults, /calls",
}

type try struct{ what, command string }

// The customers differ, because promotions are cached for each.
var tries = []try{
	{
		"The mobile app's first screen, composed of five services for the demo's customer u1:",
		`curl -i -H "Authorization: Bearer $(curl -s 'IDP/demo/token?user=u1')" MOBILE/v1/home`,
	},
	{
		"Break a service. Still a 200, and Facet-Degraded says what is missing (curl -X DELETE CONTROL/faults mends it):",
		`curl -s -o /dev/null -X PUT -d '{"status":503}' CONTROL/faults/promotions; ` +
			`curl -i -H "Authorization: Bearer $(curl -s 'IDP/demo/token?user=u3')" MOBILE/v1/home`,
	},
	{
		"What that screen is composed of, as a Mermaid diagram:",
		"curl MANAGEMENT/compositions/mobile.home",
	},
}

// triesWith are those of a fleet with that Redis.
func triesWith(redis string) []try {
	if redis == "" {
		return tries
	}
	return append(slices.Clip(tries), try{
		"One replica asks the catalog for what both show, and a purge of one reaches the other:",
		`curl -s -o /dev/null WEB/api/products/p5; curl -s -X DELETE CONTROL/calls; curl -s -o /dev/null AGAIN/api/products/p5; ` +
			`curl -s CONTROL/calls; curl -s -d '{"tags":["product:p5"]}' WEBOPS/cache/purge; ` +
			`curl -s -o /dev/null AGAIN/api/products/p5; curl -s CONTROL/calls`,
	})
}

func placed(l fleet.Layout) *strings.Replacer {
	again, _ := l.Replica("bff-web")
	return strings.NewReplacer(
		"IDP", l.URL("idp"), "CONTROL", l.URL("control"),
		"MOBILE", l.URL("bff-mobile"), "MANAGEMENT", l.Management("bff-mobile"),
		"WEBOPS", l.Management("bff-web"), "WEB", l.URL("bff-web"), "AGAIN", again,
	)
}
