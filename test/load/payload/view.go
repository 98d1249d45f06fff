package payload

import (
	"slices"
	"strconv"
	"strings"
)

// What a view keeps of a document: dotted paths, with * for every element of a list.
var (
	keepUser = []string{
		"id", "name", "email", "tier", "avatarUrl", "address.city", "address.country",
		"preferences.locale", "preferences.currency",
	}
	keepProfile   = append([]string{"orgId", "cartId", "addressId"}, keepUser...)
	keepInventory = []string{"sku", "available", "quantity"}
	keepProduct   = []string{
		"id", "title", "price.amount", "price.currency", "rating", "summary", "images", "brand.name",
	}
	keepOrders = []string{"total", "items.*.id", "items.*.status", "items.*.amount", "items.*.createdAt"}
	keepPage   = []string{"total", "items.*.id", "items.*.status"}
	keepItem   = []string{"id", "name", "email", "tier", "address.city"}
	keepSmall  = []string{"id", "name", "status"}
)

// Home is four documents composed and projected: 31 KB of them become 6.4 KB.
func Home(id int) []byte {
	return encode(map[string]any{
		"user":      view(User(id), keepUser),
		"inventory": view(Inventory(), keepInventory),
		"product":   view(Product(), keepProduct),
		"orders":    view(Orders(), keepOrders),
	})
}

// Profile is a user and the three documents that the user names.
func Profile(id int) []byte {
	return encode(map[string]any{
		"user":    view(User(id), keepProfile),
		"org":     view(Small("org"), keepSmall),
		"cart":    view(Small("cart"), keepSmall),
		"address": view(Small("address"), keepSmall),
	})
}

// Listing is two members of each order of a page.
func Listing(kb int) []byte { return encode(view(Page(kb), keepPage)) }

// Fan is five fields of each of n users, as b1 to bn.
func Fan(n int) []byte {
	out := map[string]any{}
	for i := range n {
		out["b"+strconv.Itoa(i+1)] = view(User(i+1), keepItem)
	}
	return encode(out)
}

func view(document []byte, keep []string) any { return project(decode(document), keep) }

// project keeps only the paths of a value. An empty path keeps all of it.
func project(v any, keep []string) any {
	if slices.Contains(keep, "") {
		return v
	}
	below := map[string][]string{}
	for _, path := range keep {
		name, rest, _ := strings.Cut(path, ".")
		below[name] = append(below[name], rest)
	}
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, keep := range below {
			if value, ok := v[name]; ok {
				out[name] = project(value, keep)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = project(v[i], below["*"])
		}
		return out
	}
	return v
}
