package shop

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

type cart struct {
	UserID    string     `json:"user_id"`
	Items     []cartItem `json:"items"`
	Version   int        `json:"version"` // counts the changes
	UpdatedAt time.Time  `json:"updated_at"`
}

type cartItem struct {
	Product  string    `json:"product"`
	Quantity int       `json:"quantity"`
	AddedAt  time.Time `json:"added_at"`
}

const mostOfOne = 99 // of one product in a cart or an order line

// carts is the service of what people are about to buy. Who has no cart has an empty one.
type carts struct {
	mu     sync.RWMutex
	byUser map[string]cart // its Items are replaced, never written to
}

func (c *carts) routes() rest.Routes {
	return rest.Routes{
		"GET /carts/{user}":                    c.get,
		"DELETE /carts/{user}":                 c.empty,
		"PUT /carts/{user}/items/{product}":    c.put,
		"DELETE /carts/{user}/items/{product}": c.remove,
	}
}

func (c *carts) get(w http.ResponseWriter, r *http.Request) error {
	return rest.Send(w, http.StatusOK, c.of(r.PathValue("user")))
}

func (c *carts) empty(w http.ResponseWriter, r *http.Request) error {
	c.change(r.PathValue("user"), func([]cartItem) []cartItem { return nil })
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (c *carts) put(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Quantity *int `json:"quantity"`
	}
	if err := rest.Read(w, r, &body); err != nil {
		return err
	}
	id := r.PathValue("product")
	if !isProduct(id) {
		return rest.NotFound("product", id)
	}
	if body.Quantity == nil || *body.Quantity < 0 || *body.Quantity > mostOfOne {
		return rest.Unprocessable("quantity is missing or not 0 to %d", mostOfOne)
	}
	return rest.Send(w, http.StatusOK, c.set(r.PathValue("user"), id, *body.Quantity))
}

func (c *carts) remove(w http.ResponseWriter, r *http.Request) error {
	return rest.Send(w, http.StatusOK, c.set(r.PathValue("user"), r.PathValue("product"), 0))
}

func (c *carts) of(user string) cart {
	c.mu.RLock()
	defer c.mu.RUnlock()
	found := c.byUser[user]
	found.UserID = user
	return found
}

// set makes the cart hold that many of a product.
func (c *carts) set(user, product string, quantity int) cart {
	return c.change(user, func(items []cartItem) []cartItem {
		at := slices.IndexFunc(items, func(i cartItem) bool { return i.Product == product })
		switch {
		case at < 0 && quantity == 0:
			return items
		case at < 0:
			return append(items, cartItem{product, quantity, time.Now().UTC()})
		case quantity == 0:
			return slices.Delete(items, at, at+1)
		}
		items[at].Quantity = quantity
		return items
	})
}

// change replaces a user's items by what edit makes of a copy, and counts that as a
// version if it differs.
func (c *carts) change(user string, edit func([]cartItem) []cartItem) cart {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := c.byUser[user]
	changed.UserID = user
	items := edit(slices.Clone(changed.Items))
	if slices.Equal(items, changed.Items) {
		return changed
	}
	changed.Items, changed.UpdatedAt = items, time.Now().UTC()
	changed.Version++
	c.byUser[user] = changed
	return changed
}

// newCarts fills the carts of u1 and of about every fourth user.
func newCarts() *carts {
	random := stream("carts")
	c := &carts{byUser: map[string]cart{}}
	for i := range userCount {
		if i != 0 && random.IntN(4) != 0 {
			continue
		}
		made := cart{UserID: userID(i), UpdatedAt: before(random, 3)}
		for _, id := range someProducts(random, 2+random.IntN(4)) {
			made.Items = append(made.Items, cartItem{id, 1 + random.IntN(3), made.UpdatedAt})
		}
		made.Version = len(made.Items)
		c.byUser[made.UserID] = made
	}
	return c
}
