package shop

import (
	"net/http"
	"slices"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

type category struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Children []*category `json:"children"`
}

// crumb is a category as a step of the way to another.
type crumb struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// categories is the tree: departments, aisles, shelves. It never changes.
type categories struct {
	roots []*category
	path  map[string][]crumb // root first, the category itself last
}

func (c *categories) tree(w http.ResponseWriter, _ *http.Request) error {
	return rest.Send(w, http.StatusOK, c.roots)
}

func (c *categories) get(w http.ResponseWriter, r *http.Request) error {
	path, ok := c.path[r.PathValue("id")]
	if !ok {
		return rest.NotFound("category", r.PathValue("id"))
	}
	itself := path[len(path)-1]
	return rest.Send(w, http.StatusOK, struct {
		crumb `json:",inline"`
		Path  []crumb `json:"path"`
	}{itself, path})
}

// contains reports whether a category is another or lies below it.
func (c *categories) contains(ancestor, id string) bool {
	return slices.ContainsFunc(c.path[id], func(step crumb) bool { return step.ID == ancestor })
}

func (c *categories) name(id string) string {
	path := c.path[id]
	return path[len(path)-1].Name
}

func newCategories() *categories {
	c := &categories{path: map[string][]crumb{}}
	for _, d := range departments {
		root := c.add(nil, d.name)
		c.roots = append(c.roots, root)
		for _, a := range d.aisles {
			middle := c.add(root, a.name)
			for _, s := range a.shelves {
				c.add(middle, s.name)
			}
		}
	}
	return c
}

func (c *categories) add(parent *category, name string) *category {
	added := &category{ID: slug(name), Name: name}
	var path []crumb
	if parent != nil {
		parent.Children = append(parent.Children, added)
		path = slices.Clone(c.path[parent.ID])
	}
	if _, taken := c.path[added.ID]; taken {
		panic("shop: two categories are called " + added.ID)
	}
	c.path[added.ID] = append(path, crumb{added.ID, name})
	return added
}
