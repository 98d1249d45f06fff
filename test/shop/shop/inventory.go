package shop

import (
	"net/http"
	"time"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

type stock struct {
	Item      string     `json:"item"`
	Available int        `json:"available"`
	Reserved  int        `json:"reserved"`
	Warehouse string     `json:"warehouse"`
	RestockAt *time.Time `json:"restock_at"` // only where nothing is available
	restock   int        // days from the day of the request
}

// inventory is the warehouse's service. Stock never changes, but its restock dates move
// along with today.
type inventory struct{ byItem map[string]stock }

func (i *inventory) routes() rest.Routes {
	return rest.Routes{
		"GET /stock/{item}": i.get,
		"GET /stock":        i.batch,
	}
}

func (i *inventory) get(w http.ResponseWriter, r *http.Request) error {
	found, ok := i.byItem[r.PathValue("item")]
	if !ok {
		return rest.NotFound("stock of item", r.PathValue("item"))
	}
	return rest.Send(w, http.StatusOK, found.on(time.Now()))
}

func (i *inventory) batch(w http.ResponseWriter, r *http.Request) error {
	ids, err := rest.ReadIDs(r.URL.Query(), "item")
	if err != nil {
		return err
	}
	list, now := existing(i.byItem, ids), time.Now()
	for n := range list {
		list[n] = list[n].on(now)
	}
	return rest.Send(w, http.StatusOK, list)
}

// on returns the stock as seen at a moment.
func (s stock) on(now time.Time) stock {
	if s.Available == 0 {
		s.RestockAt = new(now.UTC().Truncate(24*time.Hour).AddDate(0, 0, s.restock))
	}
	return s
}

var warehouses = []string{"AMS-1", "AMS-2", "LIS-1", "WAW-1"}

// newInventory stocks every product but for one in a hundred that was never booked in;
// one in twelve is sold out.
func newInventory() *inventory {
	random := stream("inventory")
	unbooked := onePercent(random)
	i := &inventory{byItem: make(map[string]stock, productCount)}
	for n := range productCount {
		s := stock{
			Item:      productID(n),
			Available: 1 + random.IntN(80),
			Reserved:  random.IntN(6),
			Warehouse: pick(random, warehouses),
			restock:   2 + random.IntN(40),
		}
		if random.IntN(12) == 0 && s.Item != "p1" {
			s.Available = 0
		}
		if !unbooked[s.Item] {
			i.byItem[s.Item] = s
		}
	}
	return i
}
