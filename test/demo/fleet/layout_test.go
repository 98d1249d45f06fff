package fleet

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	section = regexp.MustCompile(`(?m)^  (\w+):\n    url: (\S+)`)
	address = regexp.MustCompile(`(?m)^  address: (\S+)`)
)

// The gateways' own configurations are the usual layout.
func TestLayoutIsThatOfTheConfigurations(t *testing.T) {
	for _, name := range Gateways() {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", name, "facet.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var services []string
		for _, s := range section.FindAllStringSubmatch(string(text), -1) {
			services = append(services, s[1])
			if want := Layout(0).URL(s[1]); s[2] != want {
				t.Errorf("%s finds %s at %s, want %s", name, s[1], s[2], want)
			}
		}
		if !slices.Equal(services, Services(name)) {
			t.Errorf("%s calls %v, the fleet has %v", name, services, Services(name))
		}
		addresses := address.FindAllStringSubmatch(string(text), -1)
		if len(addresses) != 2 || "http://"+addresses[0][1] != Layout(0).URL(name) ||
			"http://"+addresses[1][1] != Layout(0).Management(name) {
			t.Errorf("%s listens on %v", name, addresses)
		}
	}
}

func TestOffsetMovesEverything(t *testing.T) {
	moved := Layout(20000)
	if got := moved.URL("catalog"); got != "http://127.0.0.1:27002" {
		t.Errorf("catalog is at %s", got)
	}
	environ := strings.Join(moved.GatewayProgram("bin", "bff-admin").Env, "\n")
	for _, want := range []string{
		"FACET_SERVER__ADDRESS=127.0.0.1:28083", "FACET_MANAGEMENT__ADDRESS=127.0.0.1:29083",
		"FACET_IDENTITY__ISSUER=http://127.0.0.1:27020", "FACET_IDENTITY__JWKS_URL=http://127.0.0.1:27020/keys",
		"FACET_SERVICES__CARTS__URL=http://127.0.0.1:27006",
	} {
		if !strings.Contains(environ, want) {
			t.Errorf("no %s in\n%s", want, environ)
		}
	}
	if strings.Contains(environ, "PROMOTIONS") || strings.Contains(environ, "127.0.0.1:7") {
		t.Errorf("too much in\n%s", environ)
	}
}

func TestFreeNamesWhatIsHeld(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	l := Layout(listener.Addr().(*net.TCPAddr).Port - 7003)
	err = l.Free()
	if err == nil || !strings.Contains(err.Error(), "(pricing)") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	if err := Layout(60000).Free(); err == nil || !strings.Contains(err.Error(), "between 1 and 65535") {
		t.Errorf("got %v", err)
	}
}
