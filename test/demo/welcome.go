package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/facet-bff/facet/test/demo/fleet"
)

// welcome says where everything is, and what to try.
func welcome(w io.Writer, l fleet.Layout, bin string, took time.Duration) {
	table(w, l)
	fmt.Fprintf(w, "\nLogs are in %s. Paste these:\n\n", filepath.Join(bin, "*.log"))
	for _, try := range tries {
		fmt.Fprintln(w, placed(l).Replace("# "+try.what+"\n"+try.command+"\n"))
	}
	fmt.Fprintf(w, "Ready after %s. Ctrl-C stops everything.\n", took.Round(time.Millisecond))
}

func table(w io.Writer, l fleet.Layout) {
	columns := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, name := range fleet.Shop() {
		fmt.Fprintf(columns, "%s\t%s%s\n", name, l.URL(name), remarks[name])
	}
	for _, name := range fleet.Gateways() {
		fmt.Fprintf(columns, "%s\t%s\tmanagement: %s\n", name, l.URL(name), l.Management(name))
	}
	_ = columns.Flush() // whoever reads has gone
}

var remarks = map[string]string{
	"idp":     "\tthe identity provider; tokens: /demo/token?user=u1&scope=orders:write&role=support",
	"control": "\tfaults and counts of calls: /faults, /calls",
}

// The customers differ, because promotions are cached for each.
var tries = []struct{ what, command string }{
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

func placed(l fleet.Layout) *strings.Replacer {
	return strings.NewReplacer(
		"IDP", l.URL("idp"), "CONTROL", l.URL("control"),
		"MOBILE", l.URL("bff-mobile"), "MANAGEMENT", l.Management("bff-mobile"),
	)
}
