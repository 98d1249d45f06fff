package shop

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

// entry is one product as search sees it: lower-case words, a blank before each.
type entry struct{ title, brand, description string }

func newEntry(p product) entry {
	return entry{words(p.Title), words(p.Brand), words(p.Description)}
}

func words(text string) string {
	return " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return strings.ContainsRune(" .,:;/", r)
	}), " ")
}

// score weighs where the words were found; 0 unless every word begins some word.
func (e entry) score(query []string) int {
	total := 1
	for _, word := range query {
		found := 0
		for weight, text := range []string{e.description, e.brand, e.title} {
			if strings.Contains(text, " "+word) {
				found += weight + 1
			}
		}
		if found == 0 {
			return 0
		}
		total += found
	}
	return total
}

type hit struct {
	product *product
	score   int
}

// byOrder compares hits for each sort; the catalog's order decides between equals.
var byOrder = map[string]func(a, b hit) int{
	"":          func(a, b hit) int { return b.score - a.score },
	"relevance": func(a, b hit) int { return b.score - a.score },
	"title":     func(a, b hit) int { return cmp.Compare(a.product.Title, b.product.Title) },
	"newest":    func(a, b hit) int { return b.product.UpdatedAt.Compare(a.product.UpdatedAt) },
}

type searchResult struct {
	idList `json:",inline"`
	Facets facets `json:"facets"`
}

type facets struct {
	Category []facet `json:"category"`
	Brand    []facet `json:"brand"`
}

type facet struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Count int    `json:"count"`
}

func (c *catalog) search(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	window, err := rest.ReadWindow(q, 20, 100)
	if err != nil {
		return err
	}
	order, ok := byOrder[q.Get("sort")]
	if !ok {
		return rest.BadRequest("sort is %q, want relevance, title or newest", q.Get("sort"))
	}
	hits := c.match(strings.Fields(words(q.Get("q"))), q.Get("category"), q.Get("brand"))
	slices.SortStableFunc(hits, order)
	result := searchResult{idList: idList{Total: len(hits)}, Facets: c.facets(hits)}
	for _, h := range rest.Cut(hits, window) {
		result.IDs = append(result.IDs, h.product.ID)
	}
	return rest.Send(w, http.StatusOK, result)
}

// match returns what has all words and, where asked, the brand and a category of the subtree.
func (c *catalog) match(query []string, category, brand string) []hit {
	var hits []hit
	for i := range c.products {
		p := &c.products[i]
		if brand != "" && !strings.EqualFold(p.Brand, brand) {
			continue
		}
		if category != "" && !c.categories.contains(category, p.CategoryID) {
			continue
		}
		if score := c.index[i].score(query); score > 0 {
			hits = append(hits, hit{p, score})
		}
	}
	return hits
}

// facets counts all hits, not only those of the page.
func (c *catalog) facets(hits []hit) facets {
	inCategory, ofBrand := map[string]int{}, map[string]int{}
	for _, h := range hits {
		inCategory[h.product.CategoryID]++
		ofBrand[h.product.Brand]++
	}
	return facets{
		Category: ranked(inCategory, c.categories.name),
		Brand:    ranked(ofBrand, func(brand string) string { return brand }),
	}
}

func ranked(counts map[string]int, label func(string) string) []facet {
	list := make([]facet, 0, len(counts))
	for value, n := range counts {
		list = append(list, facet{value, label(value), n})
	}
	slices.SortFunc(list, func(a, b facet) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Value, b.Value))
	})
	return list
}
