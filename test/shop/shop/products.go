package shop

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// newProducts invents the assortment. One in a hundred has no image yet.
func newProducts() []product {
	random := stream("catalog")
	unphotographed := onePercent(random)
	products := make([]product, 0, productCount)
	byShelf := map[string][]string{}
	for i := range productCount {
		p := newProduct(random, productID(i))
		if unphotographed[p.ID] {
			p.Images = nil
		}
		products = append(products, p)
		byShelf[p.CategoryID] = append(byShelf[p.CategoryID], p.ID)
	}
	for i := range products {
		products[i].Related = neighbours(random, byShelf[products[i].CategoryID], products[i].ID)
	}
	return products
}

func newProduct(random *rand.Rand, id string) product {
	d := pick(random, departments)
	s := pick(random, pick(random, d.aisles).shelves)
	line, brand, material := pick(random, series), pick(random, d.brands), pick(random, d.materials)
	name := line + " " + pick(random, s.nouns)
	p := product{
		ID:          id,
		Title:       brand + " " + name,
		Description: describe(random, d, brand, name, material),
		Brand:       brand,
		CategoryID:  slug(s.name),
		Variants:    newVariants(random, id, d.sizes),
		Attributes: map[string]string{
			"material":  material,
			"origin":    pick(random, origins),
			"weight_g":  strconv.Itoa(50 * (1 + random.IntN(60))),
			"guarantee": fmt.Sprintf("%d years", 2+random.IntN(4)),
		},
		UpdatedAt: before(random, 180),
		shelf:     s,
	}
	for n := range 1 + random.IntN(4) {
		p.Images = append(p.Images, image{
			Path:  fmt.Sprintf("/assets/products/%s-%d.svg", id, n+1),
			Alt:   fmt.Sprintf("%s, view %d", p.Title, n+1),
			Width: imageSize, Height: imageSize,
		})
	}
	return p
}

// describe writes two to four sentences.
func describe(random *rand.Rand, d department, brand, name, material string) string {
	use := pick(random, d.uses)
	sentences := []string{pick(random, []string{
		fmt.Sprintf("%s designed the %s for %s.", brand, name, use),
		fmt.Sprintf("Made for %s: the %s, in %s.", use, name, material),
		fmt.Sprintf("The %s by %s is built from %s and made for %s.", name, brand, material, use),
	})}
	first := random.IntN(len(d.features))
	for n := range 1 + random.IntN(2) {
		sentences = append(sentences, d.features[(first+n)%len(d.features)])
	}
	if random.IntN(2) == 0 {
		sentences = append(sentences, pick(random, closings))
	}
	return strings.Join(sentences, " ")
}

func newVariants(random *rand.Rand, id string, sizes []string) []variant {
	first := random.IntN(len(colors))
	var variants []variant
	for n := range 1 + random.IntN(2) {
		color := colors[(first+n)%len(colors)]
		for _, size := range sizes[:1+random.IntN(len(sizes))] {
			variants = append(variants, variant{
				ID:         fmt.Sprintf("%s-v%d", id, len(variants)+1),
				Name:       color + " / " + size,
				Attributes: variantAttributes{color, size},
			})
		}
	}
	return variants
}

// neighbours returns up to twelve others of the same shelf.
func neighbours(random *rand.Rand, shelf []string, itself string) []string {
	var related []string
	for _, n := range random.Perm(len(shelf)) {
		if shelf[n] != itself {
			related = append(related, shelf[n])
		}
	}
	return related[:min(12, len(related))]
}
