package main

import (
	"time"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/cards"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/inventory"
	"github.com/facet-bff/facet/compositions/pricing"
	parts "github.com/facet-bff/facet/compositions/product"
	"github.com/facet-bff/facet/compositions/reviews"
	"github.com/facet-bff/facet/shared/compose"
)

type productRequest struct {
	SKU catalog.SKU `param:"sku" validate:"max=32"`
}

// A ProductPage is a product on a large screen. What is null is not known at the moment.
type ProductPage struct {
	SKU         catalog.SKU       `json:"sku"`
	Title       string            `json:"title"`
	Brand       string            `json:"brand"`
	Description string            `json:"description"`
	Attributes  map[string]string `json:"attributes"`
	Images      []Image           `json:"images"`
	Variants    []Variant         `json:"variants"`
	Breadcrumbs []CategoryLink    `json:"breadcrumbs"`
	Price       *Price            `json:"price"`
	Stock       *Stock            `json:"stock"`
	Rating      *Rating           `json:"rating"`
	Reviews     []Review          `json:"reviews"`
	Related     []Card            `json:"related"`
}

// A Variant is a form in which the product can be had.
type Variant struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Attributes map[string]string `json:"attributes"`
}

// Stock says whether and when the product can be had.
type Stock struct {
	Available int        `json:"available"`
	RestockAt *time.Time `json:"restock_at"`
}

// A Rating sums up the reviews.
type Rating struct {
	Average   float64 `json:"average"`
	Count     int     `json:"count"`
	Histogram []int   `json:"histogram"`
}

// A Review is what a customer wrote.
type Review struct {
	Rating int       `json:"rating"`
	Title  string    `json:"title"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
}

func product(b *shop.Backends) *compose.Graph[productRequest, ProductPage] {
	return compose.Define("web.product", func(in compose.Node[productRequest]) compose.Node[ProductPage] {
		p := parts.New(b, compose.Map(in, func(r productRequest) catalog.SKU { return r.SKU }))
		opinions := compose.Join2(p.Rating, p.Reviews, newOpinions)
		return compose.Join6(p.Item, p.Price, p.Stock, opinions, p.Category, p.Related, productPage)
	})
}

// opinions are what customers think, as far as it is known.
type opinions struct {
	rating *Rating
	list   []Review
}

func newOpinions(rating compose.Result[reviews.Summary], page compose.Result[reviews.Page]) opinions {
	var o opinions
	if rating.OK() {
		o.rating = &Rating{Average: rating.Value.Average, Count: rating.Value.Count, Histogram: rating.Value.Histogram}
	}
	for _, r := range page.Value.Items {
		o.list = append(o.list, Review{Rating: r.Rating, Title: r.Title, Text: r.Text, At: r.CreatedAt})
	}
	return o
}

func productPage(item catalog.Product, p compose.Result[pricing.Price], s compose.Result[inventory.Stock],
	o opinions, category compose.Result[catalog.Category], related []cards.Card,
) ProductPage {
	page := ProductPage{
		SKU: item.SKU, Title: item.Title, Brand: item.Brand, Description: item.Description, Attributes: item.Attributes,
		Rating: o.rating, Reviews: o.list, Related: cardViews(related),
	}
	for _, i := range item.Images {
		page.Images = append(page.Images, *image(i))
	}
	for _, v := range item.Variants {
		page.Variants = append(page.Variants, Variant(v))
	}
	for _, link := range category.Value.Path {
		page.Breadcrumbs = append(page.Breadcrumbs, CategoryLink(link))
	}
	if p.OK() {
		page.Price = price(&p.Value)
	}
	if s.OK() {
		page.Stock = &Stock{Available: s.Value.Available, RestockAt: s.Value.RestockAt}
	}
	return page
}
