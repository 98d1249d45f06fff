// Package chaos_test breaks everything between a gateway and its services that can break:
// the network, DNS, TLS, and what services say. Real gateways run as real processes against
// the demo's shop; every connection between them goes through a front of the test's. Each
// row of the table is one fault at one endpoint, and is held against the failure table, the
// endpoint's budget and what retries allow. The same goes for the Redis that replicas share.
package chaos_test

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/test/demo/fleet"
	"github.com/facet-bff/facet/test/demo/stage"
	"github.com/facet-bff/facet/test/shop/faults"
)

var (
	full = flag.Bool("full", false, "every fault at every endpoint, and loads for longer")
	show = flag.Bool("table", false, "print the table at the end")
)

// What TestMain has made before any test runs.
var (
	binaries string       // the directory of the programs
	layout   fleet.Layout // of the shop that runs
	shop     faults.Client
	trusted  *authority
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "facet-chaos-")
	if err != nil {
		return failed(err)
	}
	defer os.RemoveAll(dir)
	binaries = dir
	if trusted, err = newAuthority(dir); err != nil {
		return failed(err)
	}
	if err := stage.Build(binaries, "bff-mobile", "bff-web", "test/shop"); err != nil {
		return failed(err)
	}
	layout = stage.FreeLayout(0)
	shop.URL = layout.URL("control")
	process, err := stage.StartShop(layout, binaries)
	if err != nil {
		return failed(err)
	}
	code := m.Run()
	client.CloseIdleConnections()
	http.DefaultClient.CloseIdleConnections()
	if err := errors.Join(process.Stop(10*time.Second), goleak.Find()); err != nil && code == 0 {
		return failed(err)
	}
	if *show {
		fmt.Fprint(os.Stdout, report.markdown())
	}
	return code
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "chaos:", err)
	return 1
}
