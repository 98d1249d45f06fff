package main

import (
	"strconv"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/endpoint"
	"github.com/facet-bff/facet/shared/identity/access"
	"github.com/facet-bff/facet/shared/shape"
)

// Shapes are the operations whose answers nobody looks into: they are cut to the same members
// as the typed ones, and passed on as bytes.
type Shapes struct {
	Shop, Slow ShapedShop
	Items      []*backend.Op[int, shape.JSON]
}

// ShapedShop are the four operations of the home screen.
type ShapedShop struct{ User, Inventory, Product, Orders *backend.Op[int, shape.JSON] }

func newShapes(s *backend.Services) Shapes {
	shapes := Shapes{Shop: newShapedShop(s, ""), Slow: newShapedShop(s, "/d5")}
	for i := range fanOut {
		shapes.Items = append(shapes.Items, shaped[Item](s, itemService(i), "item", itemPath(i)))
	}
	return shapes
}

func newShapedShop(s *backend.Services, timing string) ShapedShop {
	return ShapedShop{
		User:      shaped[User](s, "users", "user", timing+"/users/{id}"),
		Inventory: shaped[Inventory](s, "inventory", "inventory", timing+"/inventory/{id}"),
		Product:   shaped[Product](s, "products", "product", timing+"/products/{id}"),
		Orders:    shaped[Orders](s, "orders", "orders", timing+"/orders/{id}"),
	}
}

// shaped is an operation that keeps what View names.
func shaped[View any](s *backend.Services, service, name, path string) *backend.Op[int, shape.JSON] {
	return backend.GET[int, shape.JSON](s.Get(service), name, path, backend.Shaped(shape.Of[View]()))
}

// ShapedHome is Home whose parts are bytes.
type ShapedHome struct {
	User      shape.JSON `json:"user"`
	Inventory shape.JSON `json:"inventory"`
	Product   shape.JSON `json:"product"`
	Orders    shape.JSON `json:"orders"`
}

func shapedHome(name string, s ShapedShop) *compose.Graph[request, ShapedHome] {
	return compose.Define(name, func(in compose.Node[request]) compose.Node[ShapedHome] {
		id := compose.Map(in, request.id)
		return compose.Join4(
			compose.Call("user", id, s.User),
			compose.Call("inventory", id, s.Inventory),
			compose.Call("product", id, s.Product),
			compose.Call("orders", id, s.Orders),
			func(u, i, p, o shape.JSON) ShapedHome {
				return ShapedHome{User: u, Inventory: i, Product: p, Orders: o}
			})
	})
}

// shapedFan calls n services at once.
func shapedFan(n int) func(*Backends) *compose.Graph[request, map[string]shape.JSON] {
	return func(b *Backends) *compose.Graph[request, map[string]shape.JSON] {
		return fanned("load.shape.fan"+strconv.Itoa(n), b.Shapes.Items[:n])
	}
}

// shapes is the table of the candidate facet-shape.
func shapes() endpoint.Table[*Backends] {
	table := endpoint.Table[*Backends]{
		endpoint.GET("/shape/s2/home/{id}", access.Public, func(b *Backends) *compose.Graph[request, ShapedHome] {
			return shapedHome("load.shape.home", b.Shapes.Shop)
		}),
		endpoint.GET("/shape/d5/s2/home/{id}", access.Public, func(b *Backends) *compose.Graph[request, ShapedHome] {
			return shapedHome("load.shape.home.slow", b.Shapes.Slow)
		}),
	}
	for _, n := range []int{1, 2, 4, 8, 16, 32} {
		table = append(table, endpoint.GET("/shape/s7/"+strconv.Itoa(n)+"/{id}", access.Public, shapedFan(n)))
	}
	return table
}
