package codec_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/codec"
	"github.com/facet-bff/facet/shared/shape"
)

// The answers of four backends that package shape's benchmark cuts from 31 KB to 6.4 KB.
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

// homeSource is what is left of the four, as one value.
func homeSource(t testing.TB) []byte {
	t.Helper()
	home := shape.NewObject(nil)
	for _, name := range []string{"user", "inventory", "product", "orders"} {
		src, err := os.ReadFile(filepath.Join("..", "shape", "testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		home.Project(name, shape.Must(), src)
	}
	src, err := home.End()
	if err != nil {
		t.Fatal(err)
	}
	src, err = shape.Of[homeView]().Append(nil, src)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func BenchmarkDecode(b *testing.B) {
	src := homeSource(b)
	decoder := codec.NewDecoder[homeView]()
	bench(b, len(src), map[string]func() error{
		"codec": func() error { _, err := decoder.Decode(src); return err },
		"library": func() error {
			var v homeView
			return json.Unmarshal(src, &v, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		},
	})
}

func BenchmarkEncode(b *testing.B) {
	src := homeSource(b)
	v, err := codec.NewDecoder[homeView]().Decode(src)
	if err != nil {
		b.Fatal(err)
	}
	var dst []byte
	var buf bytes.Buffer
	encoder := codec.NewEncoder[homeView](wire)
	options := json.JoinOptions(json.Deterministic(true), wire)
	bench(b, len(src), map[string]func() error{
		"codec":   func() (err error) { dst, err = encoder.Append(dst[:0], &v); return err },
		"library": func() error { buf.Reset(); return json.MarshalWrite(&buf, &v, options) },
	})
}

func bench(b *testing.B, size int, ways map[string]func() error) {
	b.Helper()
	for _, name := range []string{"codec", "library"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if err := ways[name](); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
