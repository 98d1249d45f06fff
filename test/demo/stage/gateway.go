package stage

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/test/demo/fleet"
)

// A Gateway is one process of a gateway, on ports that the system chose.
type Gateway struct {
	*fleet.Process
	URL, Management string
}

// StartGateway starts a gateway from the directory bin that calls the shop of a layout, with
// environment variables and arguments besides, and waits until it is ready. Its log goes to
// the directory logs.
func StartGateway(ctx context.Context, l fleet.Layout, bin, name, logs string, env []string, args ...string) (*Gateway, error) {
	program := l.GatewayProgram(bin, name)
	program.Env = append(program.Env, "FACET_SERVER__ADDRESS=127.0.0.1:0", "FACET_MANAGEMENT__ADDRESS=127.0.0.1:0",
		"FACET_SERVER__DRAIN__DELAY=0s")
	program.Env = append(program.Env, env...)
	program.Args = append(program.Args, args...)
	process, err := fleet.Start(program, logs)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	g := &Gateway{Process: process}
	if err := g.await(ctx); err != nil {
		_ = process.Stop(0) // it has not even begun
		return nil, fmt.Errorf("%w; the end of its log:\n%s", err, process.Tail(20))
	}
	return g, nil
}

// Each makes one setting of every service that a gateway calls: TIMEOUT__DEFAULT=5s.
func Each(gateway, setting string) []string {
	var env []string
	for _, service := range fleet.Services(gateway) {
		env = append(env, "FACET_SERVICES__"+strings.ToUpper(service)+"__"+setting)
	}
	return env
}

// Uncached are the settings by which every request reaches its services, however much
// they fail.
func Uncached(gateway string) []string {
	env := Each(gateway, "BREAKER__MIN_REQUESTS=0")
	for _, service := range fleet.Services(gateway) {
		if service != "carts" && service != "orders" {
			env = append(env, "FACET_SERVICES__"+strings.ToUpper(service)+"__CACHE__TTL=0s")
		}
	}
	return env
}

// await reads from the log where the gateway listens, and waits until it is ready.
func (g *Gateway) await(ctx context.Context) error {
	for !g.listens() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not listen", g.Name)
		case <-g.Done():
			return fmt.Errorf("%s ended with exit code %d", g.Name, g.ExitCode())
		case <-time.After(10 * time.Millisecond):
		}
	}
	g.Ready = g.Management + "/readyz"
	return g.WaitReady(ctx)
}

// listens looks for the line of the log that says where. One that is being written is not
// there yet.
func (g *Gateway) listens() bool {
	log, err := os.ReadFile(g.Log)
	if err != nil {
		return false
	}
	for text := range strings.Lines(string(log)) {
		var line struct {
			Message    string `json:"msg"`
			Address    string `json:"address"`
			Management string `json:"management"`
		}
		if json.Unmarshal([]byte(text), &line) == nil && line.Message == "ready" {
			g.URL, g.Management = "http://"+line.Address, "http://"+line.Management
			return true
		}
	}
	return false
}
