package shop

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

type order struct {
	ID       string      `json:"id"`
	UserID   string      `json:"user_id"`
	Status   string      `json:"status"` // one of statuses
	Lines    []orderLine `json:"lines"`
	Total    int         `json:"total_cents"`
	Currency string      `json:"currency"`
	PlacedAt time.Time   `json:"placed_at"`
	ShipTo   address     `json:"ship_to"`
}

type orderLine struct {
	Product  string `json:"product"`
	Quantity int    `json:"quantity"`
	Unit     int    `json:"unit_cents"`
}

var statuses = []string{"placed", "paid", "shipped", "delivered", "cancelled"}

// orders is the service of what was bought. Orders are added, never changed.
type orders struct {
	users map[string]user

	mu   sync.RWMutex
	list []order // oldest first; o1 is at 0
}

func (o *orders) routes() rest.Routes {
	return rest.Routes{
		"GET /orders/{id}": o.get,
		"GET /orders":      o.search,
		"POST /orders":     o.place,
	}
}

func (o *orders) get(w http.ResponseWriter, r *http.Request) error {
	id, list := r.PathValue("id"), o.all()
	if !isNumbered(id, "o", len(list)) {
		return rest.NotFound("order", id)
	}
	n, _ := strconv.Atoi(id[1:])
	return rest.Send(w, http.StatusOK, list[n-1])
}

// all returns the orders so far, which nobody may change.
func (o *orders) all() []order {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.list
}

type orderRequest struct {
	UserID   string      `json:"user_id"`
	Lines    []orderLine `json:"lines"`
	Currency string      `json:"currency"`
	ShipTo   *address    `json:"ship_to"` // the user's own address, if absent
}

func (o *orders) place(w http.ResponseWriter, r *http.Request) error {
	var wanted orderRequest
	if err := rest.Read(w, r, &wanted); err != nil {
		return err
	}
	if err := wanted.check(); err != nil {
		return err
	}
	placed := o.add(wanted)
	w.Header().Set("Location", "/orders/"+placed.ID)
	return rest.Send(w, http.StatusCreated, placed)
}

func (wanted orderRequest) check() error {
	if !isUser(wanted.UserID) {
		return rest.Unprocessable("no user %q", wanted.UserID)
	}
	if wanted.Currency != currency {
		return rest.Unprocessable("currency is %q, want %q", wanted.Currency, currency)
	}
	if len(wanted.Lines) == 0 {
		return rest.Unprocessable("an order has at least one line")
	}
	for n, line := range wanted.Lines {
		if !isProduct(line.Product) {
			return rest.Unprocessable("line %d: no product %q", n+1, line.Product)
		}
		if line.Quantity < 1 || line.Quantity > mostOfOne {
			return rest.Unprocessable("line %d: quantity is %d, want 1 to %d", n+1, line.Quantity, mostOfOne)
		}
		if line.Unit < 0 || line.Unit > maxUnit {
			return rest.Unprocessable("line %d: unit_cents is %d, want 0 to %d", n+1, line.Unit, maxUnit)
		}
	}
	return nil
}

const maxUnit = 100_000_00 // cents; keeps totals far from overflow

func (o *orders) add(wanted orderRequest) order {
	placed := order{
		UserID: wanted.UserID, Status: "placed", Lines: wanted.Lines, Currency: wanted.Currency,
		PlacedAt: time.Now().UTC(), ShipTo: o.users[wanted.UserID].Address,
	}
	if wanted.ShipTo != nil {
		placed.ShipTo = *wanted.ShipTo
	}
	placed.Total = total(placed.Lines)
	o.mu.Lock()
	defer o.mu.Unlock()
	placed.ID = "o" + strconv.Itoa(len(o.list)+1)
	o.list = append(o.list, placed)
	return placed
}

func total(lines []orderLine) int {
	sum := 0
	for _, line := range lines {
		sum += line.Quantity * line.Unit
	}
	return sum
}
