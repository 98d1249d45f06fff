package fleet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// A Layout is what is added to every port of the demo. The zero Layout has the usual ports.
type Layout int

type server struct {
	name string
	port int
}

// shop are the servers of the program of that name.
var shop = []server{
	{"users", 7001}, {"catalog", 7002}, {"pricing", 7003}, {"inventory", 7004}, {"reviews", 7005},
	{"carts", 7006}, {"orders", 7007}, {"recommendations", 7008}, {"promotions", 7009},
	{"idp", 7020}, {"control", 7090},
}

// A gateway is a program with two servers. It refuses to be told of services that its
// configuration does not have, so calls lists exactly those.
type gateway struct {
	name               string
	public, management int
	calls              []string
}

var gateways = []gateway{
	{"bff-mobile", 8081, 9081, []string{
		"users", "catalog", "pricing", "inventory", "carts", "orders", "recommendations", "promotions",
	}},
	{"bff-web", 8082, 9082, []string{
		"users", "catalog", "pricing", "inventory", "reviews", "carts", "orders", "recommendations", "promotions",
	}},
	{"bff-admin", 8083, 9083, []string{
		"users", "catalog", "pricing", "inventory", "reviews", "carts", "orders",
	}},
}

// Shop returns the names of the shop's servers: the services, "idp" and "control".
func Shop() []string {
	names := make([]string, len(shop))
	for i, s := range shop {
		names[i] = s.name
	}
	return names
}

// Gateways returns the gateways' names.
func Gateways() []string {
	names := make([]string, len(gateways))
	for i, g := range gateways {
		names[i] = g.name
	}
	return names
}

// Services returns the names of the services that a gateway calls.
func Services(gateway string) []string { return find(gateway).calls }

// find panics on a name that is none of [Gateways].
func find(name string) gateway {
	for _, g := range gateways {
		if g.name == name {
			return g
		}
	}
	panic("fleet: there is no gateway " + name)
}

// URL is where one of [Shop] or [Gateways] answers. It panics on any other name.
func (l Layout) URL(name string) string {
	for _, s := range shop {
		if s.name == name {
			return "http://" + l.address(s.port)
		}
	}
	return "http://" + l.address(find(name).public)
}

// Management is where a gateway answers its operators.
func (l Layout) Management(gateway string) string {
	return "http://" + l.address(find(gateway).management)
}

func (l Layout) address(port int) string { return "127.0.0.1:" + strconv.Itoa(port+int(l)) }

// Free returns an error unless every port can be had. It names all that cannot.
func (l Layout) Free() error { return l.free(l.servers()) }

func (l Layout) free(servers []server) error {
	var held []string
	for _, s := range servers {
		switch free, err := available(l.address(s.port)); {
		case err != nil:
			return fmt.Errorf("offset %d: %w", int(l), err)
		case !free:
			held = append(held, fmt.Sprintf("%d (%s)", s.port+int(l), s.name))
		}
	}
	if len(held) > 0 {
		return fmt.Errorf("in use: port %s; stop what holds it, or move the demo, as in make run OFFSET=20000",
			strings.Join(held, ", "))
	}
	return nil
}

func (l Layout) servers() []server {
	all := append([]server(nil), shop...)
	for _, g := range gateways {
		all = append(all, server{g.name, g.public}, server{g.name + " management", g.management})
	}
	return all
}

// available reports whether nobody listens on an address. The error says that nobody ever
// could: the port does not exist.
func available(address string) (bool, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
	if err == nil {
		return true, listener.Close()
	}
	if _, bad := errors.AsType[*net.AddrError](err); bad {
		return false, errors.New("the ports must be between 1 and 65535")
	}
	return false, nil
}
