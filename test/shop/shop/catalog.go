package shop

import (
	"net/http"
	"slices"
	"time"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

type product struct {
	ID          string            `json:"id"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Brand       string            `json:"brand"`
	CategoryID  string            `json:"category_id"`
	Images      []image           `json:"images"`
	Variants    []variant         `json:"variants"`
	Attributes  map[string]string `json:"attributes"`
	Related     []string          `json:"related"`
	UpdatedAt   time.Time         `json:"updated_at"`

	shelf shelf
}

type image struct {
	Path   string `json:"path"`
	Alt    string `json:"alt"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

type variant struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Attributes variantAttributes `json:"attributes"`
}

type variantAttributes struct {
	Color string `json:"color"`
	Size  string `json:"size"`
}

// catalog is the service of everything that is for sale. It never changes.
type catalog struct {
	products   []product
	byID       map[string]product
	ids        []string
	categories *categories
	index      []entry
}

func newCatalog() *catalog {
	c := &catalog{products: newProducts(), byID: map[string]product{}, categories: newCategories()}
	for _, p := range c.products {
		c.byID[p.ID] = p
		c.ids = append(c.ids, p.ID)
		c.index = append(c.index, newEntry(p))
	}
	return c
}

func (c *catalog) routes() rest.Routes {
	return rest.Routes{
		"GET /products/{id}":            c.get,
		"GET /products":                 c.batch,
		"GET /listing":                  c.listing,
		"GET /search":                   c.search,
		"GET /categories":               c.categories.tree,
		"GET /categories/{id}":          c.categories.get,
		"GET /feed":                     c.feed,
		"GET /assets/products/{file}":   c.productImage,
		"GET /assets/promotions/{file}": c.promotionImage,
	}
}

func (c *catalog) get(w http.ResponseWriter, r *http.Request) error {
	found, ok := c.byID[r.PathValue("id")]
	if !ok {
		return rest.NotFound("product", r.PathValue("id"))
	}
	return rest.Send(w, http.StatusOK, found)
}

func (c *catalog) batch(w http.ResponseWriter, r *http.Request) error {
	ids, err := rest.ReadIDs(r.URL.Query(), "ids")
	if err != nil {
		return err
	}
	return rest.Send(w, http.StatusOK, existing(c.byID, ids))
}

type idList struct {
	IDs   []string `json:"ids"`
	Total int      `json:"total"`
}

func (c *catalog) listing(w http.ResponseWriter, r *http.Request) error {
	window, err := rest.ReadWindow(r.URL.Query(), 200, 500)
	if err != nil {
		return err
	}
	return rest.Send(w, http.StatusOK, idList{rest.Cut(c.ids, window), len(c.ids)})
}

// feed is the same for every reader of a segment; like a real one it repeats itself.
func (c *catalog) feed(w http.ResponseWriter, r *http.Request) error {
	segment := r.FormValue("segment")
	if segment == "" {
		segment = "regular"
	}
	if !slices.Contains(segments, segment) {
		return rest.BadRequest("segment is %q, want one of %v", segment, segments)
	}
	ids := someProducts(stream("feed/"+segment), 17)
	ids = append(ids, ids[0], ids[4], ids[4])
	return rest.Send(w, http.StatusOK, struct {
		Segment string   `json:"segment"`
		IDs     []string `json:"ids"`
	}{segment, ids})
}
