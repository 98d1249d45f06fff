// Package payload has the JSON documents of the backends, and what gateways are expected
// to make of them. Everything is computed and always the same.
package payload

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// IDs is how many users there are, from 1 on: many, so that requests that are under way at
// the same time ask for different things. A gateway may share one call between equal ones.
const IDs = 1024

// User is a user of that id, about 1.9 KB.
func User(id int) []byte {
	w := newWriter(uint64(id))
	return encode(object{
		{"id", id}, {"uuid", w.hex(32)}, {"name", `Ada "Countess" Lovelace`}, {"email", "ada@example.com"},
		{"phone", "+1-555-0100"}, {"tier", "gold"},
		{"orgId", id}, {"cartId", "c-" + strconv.Itoa(id)}, {"addressId", id},
		{"createdAt", "2023-04-05T06:07:08Z"}, {"updatedAt", "2026-04-05T06:07:08Z"},
		{"avatarUrl", "https://cdn.example.com/a/" + w.hex(32) + ".png"},
		{"address", object{
			{"street", "12 St James's Square"}, {"zip", "SW1Y 4JH"}, {"city", "London"}, {"country", "UK"},
			{"lat", 51.507351}, {"lon", -0.127758},
		}},
		{"preferences", object{
			{"locale", "en-GB"}, {"currency", "GBP"}, {"theme", "dark"}, {"newsletter", true},
			{"pushToken", w.hex(64)}, {"timezone", "Europe/London"},
		}},
		{"roles", []string{"customer", "reviewer", "beta", "affiliate"}},
		{"flags", object{{"a", true}, {"b", false}, {"c", true}, {"d", nil}}},
		{"bio", w.text(420)}, {"internalNotes", w.text(300)},
		{"audit", object{{"createdBy", "system"}, {"ip", "203.0.113.7"}, {"agent", w.text(100)}, {"trace", w.hex(32)}}},
		{"scores", []float64{0.12, 0.5, 0.875, 1, 12.25, 99.99}},
		{"segments", []string{"s-" + w.hex(8), "s-" + w.hex(8), "s-" + w.hex(8), "s-" + w.hex(8)}},
		{"etag", w.hex(40)},
	})
}

// Small is an organisation, a cart or an address, about 0.5 KB.
func Small(name string) []byte {
	w := newWriter(uint64(len(name)))
	return encode(object{
		{"id", len(name)}, {"name", name}, {"status", "active"}, {"createdAt", "2024-01-02T03:04:05Z"},
		{"owner", "team-" + w.hex(6)}, {"description", w.text(180)}, {"tags", []string{"a", "b", "c"}},
		{"score", 0.75}, {"trace", w.hex(32)}, {"url", "https://example.com/" + w.hex(20)},
		{"region", "eu-west-1"}, {"active", true},
	})
}

// Inventory is the stock of a product, about 0.5 KB.
func Inventory() []byte {
	w := newWriter(3)
	return encode(object{
		{"sku", "SKU-1001"}, {"warehouse", "LHR-2"}, {"quantity", 118}, {"reserved", 11}, {"available", true},
		{"incoming", 40}, {"bin", "A-14-3"}, {"lastCount", "2026-06-01T00:00:00Z"},
		{"restockAt", "2026-07-01T00:00:00Z"},
		{"supplier", object{{"id", 5}, {"name", "Babbage Ltd"}, {"lead", 14}}},
		{"batch", w.hex(32)}, {"note", w.text(150)},
	})
}

// A writer makes up text that does not compress to nothing.
type writer struct{ *rand.Rand }

func newWriter(seed uint64) writer { return writer{rand.New(rand.NewPCG(seed, 0))} }

var words = strings.Fields(`lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod
	tempor incididunt ut labore et dolore magna aliqua enim ad minim veniam quis nostrud`)

func (w writer) text(length int) string {
	var b strings.Builder
	for b.Len() < length {
		b.WriteString(words[w.IntN(len(words))] + " ")
	}
	return b.String()[:length]
}

func (w writer) hex(length int) string {
	digits := make([]byte, (length+1)/2)
	for i := range digits {
		digits[i] = byte(w.Uint32())
	}
	return hex.EncodeToString(digits)[:length]
}

func (w writer) date(minute int) string {
	return fmt.Sprintf("2026-%02d-%02dT10:%02d:00Z", 1+w.IntN(12), 1+w.IntN(28), minute)
}
