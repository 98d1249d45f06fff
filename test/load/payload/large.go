package payload

import (
	"fmt"
	"strings"
)

// Product is a product with everything about it, about 9.5 KB.
func Product() []byte {
	w := newWriter(4)
	return encode(object{
		{"id", "p-1001"}, {"title", "Analytical Engine \u2014 Mk II"}, {"slug", "analytical-engine"},
		{"summary", w.text(260)}, {"description", w.text(2200)},
		{"price", object{
			{"amount", 1999.95}, {"currency", "GBP"}, {"vat", 20}, {"list", 2499}, {"tiers", []int{1999, 1899, 1799}},
		}},
		{"rating", 4.7}, {"reviewCount", 1287},
		{"brand", object{{"id", 5}, {"name", "Babbage"}, {"site", "https://babbage.example"}, {"about", w.text(300)}}},
		{"images", w.list(8, writer.image)}, {"variants", w.list(16, writer.variant)},
		{"attributes", w.list(24, writer.attribute)},
		{"seo", object{{"title", w.text(60)}, {"description", w.text(160)}, {"keywords", w.text(120)}}},
		{"shipping", object{{"weight", 12.5}, {"dims", []int{10, 20, 30}}, {"class", "freight"}, {"notes", w.text(300)}}},
		{"legal", w.text(900)},
	})
}

// Orders is a list of 50 orders, about 19 KB.
func Orders() []byte {
	w := newWriter(5)
	return encode(object{
		{"page", 1}, {"pageSize", 50}, {"total", 50}, {"generatedAt", "2026-01-01T00:00:00Z"},
		{"links", object{{"next", "/orders?page=2"}, {"prev", nil}}},
		{"items", w.list(50, writer.order)},
	})
}

// Sizes are those of the pages that there are, in KB.
var Sizes = []int{1, 4, 16, 64, 256, 1024}

// Page is a list of orders, of exactly so many KB.
func Page(kb int) []byte {
	w, size := newWriter(6), kb<<10
	const most = 440 // of an order, roughly; what is missing is filled up
	page := object{{"total", size / most}, {"items", w.list(size/most, writer.order)}, {"note", ""}}
	page[2].value = strings.Repeat("-", size-len(encode(page)))
	return encode(page)
}

func (w writer) image(i int) object {
	return object{{"url", "https://cdn.example.com/p/" + w.hex(40) + ".jpg"}, {"w", 1200}, {"h", 800 + i}, {"alt", w.text(40)}}
}

func (w writer) variant(i int) object {
	return object{
		{"sku", fmt.Sprintf("SKU-1001-%02d", i)}, {"color", w.text(8)}, {"size", i % 5}, {"price", 10.5 + float64(i)},
		{"stock", i * 3}, {"barcode", w.hex(13)}, {"weight", 1.25},
	}
}

func (w writer) attribute(i int) object {
	return object{{"name", fmt.Sprintf("attr%d", i)}, {"value", w.text(30)}, {"unit", nil}}
}

func (w writer) order(i int) object {
	status := []string{"paid", "shipped", "delivered", "refunded"}
	return object{
		{"id", fmt.Sprintf("o-%06d", 100000+i)}, {"customerId", 42}, {"status", status[w.IntN(len(status))]},
		{"amount", float64(w.IntN(100000)) / 100}, {"currency", "GBP"}, {"createdAt", w.date(i)},
		{"sku", "SKU-" + w.hex(6)}, {"qty", 1 + w.IntN(5)}, {"channel", "web"}, {"note", w.text(90)},
		{"warehouse", "LHR-2"},
		{"tracking", object{{"carrier", "RM"}, {"code", w.hex(16)}, {"eta", "2026-12-01"}}},
		{"tax", 3.5}, {"discount", nil},
	}
}

func (w writer) list(n int, element func(writer, int) object) []object {
	list := make([]object, n)
	for i := range list {
		list[i] = element(w, i)
	}
	return list
}
