package fleet

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A Program is how one process is started.
type Program struct {
	Name  string
	Path  string // of the binary
	Args  []string
	Env   []string // besides the own environment's; the last of a name holds
	Ready string   // the URL that answers 200 once the program can be used
}

// ShopProgram starts all of the shop from a binary in the directory bin.
func (l Layout) ShopProgram(bin string) Program {
	return Program{
		Name: "shop", Path: filepath.Join(bin, "shop"),
		Args: []string{"-offset", strconv.Itoa(int(l))}, Ready: l.URL("control") + "/healthz",
	}
}

// GatewayProgram starts a gateway that calls the shop of the same layout, tells its clients
// how long each step took, and stops fast, as no load balancer has to notice.
func (l Layout) GatewayProgram(bin, name string) Program {
	g, issuer := find(name), l.URL("idp")
	env := []string{
		"FACET_SERVER__ADDRESS=" + l.address(g.public),
		"FACET_MANAGEMENT__ADDRESS=" + l.address(g.management),
		"FACET_IDENTITY__ISSUER=" + issuer,
		"FACET_IDENTITY__JWKS_URL=" + issuer + "/keys",
		"FACET_OBSERVE__SERVER_TIMING=true",
		"FACET_SERVER__DRAIN__DELAY=200ms",
	}
	for _, service := range g.calls {
		env = append(env, "FACET_SERVICES__"+strings.ToUpper(service)+"__URL="+l.URL(service))
	}
	return Program{Name: name, Path: filepath.Join(bin, name), Env: env, Ready: l.Management(name) + "/readyz"}
}

// environ is the own environment without what would configure a gateway by accident.
func (p Program) environ() []string {
	var env []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "FACET_") {
			env = append(env, variable)
		}
	}
	return append(env, p.Env...)
}
