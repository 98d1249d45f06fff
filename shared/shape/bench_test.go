package shape_test

import (
	stdjson "encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/shape"
)

// An answer is what four backends say, 31 KB, and what a client gets of it, 6.4 KB: the same
// as types and as rules.
type (
	homeView struct {
		User      userView      `json:"user"`
		Inventory inventoryView `json:"inventory"`
		Product   productView   `json:"product"`
		Orders    ordersView    `json:"orders"`
	}
	userView struct {
		ID        int    `json:"id"`
		Name      string `json:"name"`
		Email     string `json:"email"`
		Tier      string `json:"tier"`
		AvatarURL string `json:"avatarUrl"`
		Address   struct {
			City    string `json:"city"`
			Country string `json:"country"`
		} `json:"address"`
		Preferences struct {
			Locale   string `json:"locale"`
			Currency string `json:"currency"`
		} `json:"preferences"`
	}
	inventoryView struct {
		SKU       string `json:"sku"`
		Quantity  int    `json:"quantity"`
		Available bool   `json:"available"`
	}
	productView struct {
		ID      string `json:"id"`
		Title   string `json:"title"`
		Summary string `json:"summary"`
		Price   struct {
			Amount   float64 `json:"amount"`
			Currency string  `json:"currency"`
		} `json:"price"`
		Rating float64 `json:"rating"`
		Brand  struct {
			Name string `json:"name"`
		} `json:"brand"`
		Images []struct {
			URL string `json:"url"`
			W   int    `json:"w"`
			H   int    `json:"h"`
			Alt string `json:"alt"`
		} `json:"images"`
	}
	ordersView struct {
		Total int         `json:"total"`
		Items []orderView `json:"items"`
	}
	orderView struct {
		ID        string  `json:"id"`
		Status    string  `json:"status"`
		Amount    float64 `json:"amount"`
		CreatedAt string  `json:"createdAt"`
	}
)

var homeShapes = [...]*shape.Shape{
	shape.Must(shape.Keep("id", "name", "email", "tier", "avatarUrl",
		"address.city", "address.country", "preferences.locale", "preferences.currency")),
	shape.Must(shape.Keep("sku", "available", "quantity")),
	shape.Must(shape.Keep("id", "title", "price.amount", "price.currency", "rating", "summary",
		"images", "brand.name")),
	shape.Must(shape.Keep("total", "items.id", "items.status", "items.amount", "items.createdAt")),
}

// viewShapes are for those who decode what a projection leaves.
var viewShapes = map[reflect.Type]*shape.Shape{
	reflect.TypeFor[*userView]():      shape.Of[userView](),
	reflect.TypeFor[*inventoryView](): shape.Of[inventoryView](),
	reflect.TypeFor[*productView]():   shape.Of[productView](),
	reflect.TypeFor[*ordersView]():    shape.Of[ordersView](),
}

var homeNames = [...]string{"user", "inventory", "product", "orders"}

func homeSources(t testing.TB) (sources [4][]byte, size int) {
	t.Helper()
	for i, name := range homeNames {
		b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		sources[i] = b
		size += len(b)
	}
	return sources, size
}

func appendHome(dst []byte, sources [4][]byte) ([]byte, error) {
	home := shape.NewObject(dst)
	for i, name := range homeNames {
		home.Project(name, homeShapes[i], sources[i])
	}
	return home.End()
}

func viaTypes(
	sources [4][]byte, unmarshal func([]byte, any) error, marshal func(any) ([]byte, error),
) error {
	var v homeView
	for i, part := range []any{&v.User, &v.Inventory, &v.Product, &v.Orders} {
		if err := unmarshal(sources[i], part); err != nil {
			return err
		}
	}
	_, err := marshal(v)
	return err
}

func unmarshalV2(b []byte, v any) error { return json.Unmarshal(b, v) }
func marshalV2(v any) ([]byte, error)   { return json.Marshal(v) }

func BenchmarkHome(b *testing.B) {
	sources, size := homeSources(b)
	var dst []byte
	for _, way := range []struct {
		name string
		run  func() error
	}{
		{"shape", func() (err error) { dst, err = appendHome(dst[:0], sources); return err }},
		{"encoding/json", func() error { return viaTypes(sources, stdjson.Unmarshal, stdjson.Marshal) }},
		{"shape.Of and json v2", func() error {
			return viaTypes(sources, func(b []byte, v any) (err error) {
				if dst, err = viewShapes[reflect.TypeOf(v)].Append(dst[:0], b); err != nil {
					return err
				}
				return json.Unmarshal(dst, v)
			}, marshalV2)
		}},
		{"json v2", func() error { return viaTypes(sources, unmarshalV2, marshalV2) }},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if err := way.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// One answer of a fan-out whose answers are single objects.
func BenchmarkUser(b *testing.B) {
	sources, _ := homeSources(b)
	var dst []byte
	var err error
	b.SetBytes(int64(len(sources[0])))
	b.ReportAllocs()
	for b.Loop() {
		if dst, err = homeShapes[0].Append(dst[:0], sources[0]); err != nil {
			b.Fatal(err)
		}
	}
}

// Whole values: the cost of checking alone, and of keeping all.
func BenchmarkWhole(b *testing.B) {
	sources, size := homeSources(b)
	all := shape.Must()
	camel := shape.Must(shape.Camel())
	var dst []byte
	for _, way := range []struct {
		name string
		run  func(src []byte) error
	}{
		{"none", func(src []byte) (err error) { dst, err = nothing.Append(dst[:0], src); return err }},
		{"all", func(src []byte) (err error) { dst, err = all.Append(dst[:0], src); return err }},
		{"camel", func(src []byte) (err error) { dst, err = camel.Append(dst[:0], src); return err }},
		{"jsontext.IsValid", func(src []byte) error { jsontext.Value(src).IsValid(); return nil }},
		{"json.Valid", func(src []byte) error { stdjson.Valid(src); return nil }},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for _, src := range sources {
					if err := way.run(src); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

var nothing = shape.Must(shape.Keep())
