package main

import (
	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/inventory"
	"github.com/facet-bff/facet/compositions/pricing"
	parts "github.com/facet-bff/facet/compositions/product"
	"github.com/facet-bff/facet/shared/compose"
)

type productRequest struct {
	SKU catalog.SKU `param:"sku" validate:"max=32"`
}

// A ProductScreen is a product on a phone: no reviews, no related products.
type ProductScreen struct {
	SKU         catalog.SKU `json:"sku"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Images      []string    `json:"images"`
	Variants    []Variant   `json:"variants"`
	Price       *Price      `json:"price"`    // null while it is not known
	InStock     *bool       `json:"in_stock"` // null while it is not known
}

// A Variant is a form in which the product can be had.
type Variant struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func product(b *shop.Backends) *compose.Graph[productRequest, ProductScreen] {
	return compose.Define("mobile.product", func(in compose.Node[productRequest]) compose.Node[ProductScreen] {
		p := parts.New(b, compose.Map(in, func(r productRequest) catalog.SKU { return r.SKU }))
		return compose.Join3(p.Item, p.Price, p.Stock, productScreen)
	})
}

func productScreen(item catalog.Product, p compose.Result[pricing.Price], s compose.Result[inventory.Stock]) ProductScreen {
	screen := ProductScreen{SKU: item.SKU, Title: item.Title, Description: item.Description}
	for _, image := range item.Images {
		screen.Images = append(screen.Images, image.Path)
	}
	for _, v := range item.Variants {
		screen.Variants = append(screen.Variants, Variant{ID: v.ID, Name: v.Name})
	}
	if p.OK() {
		screen.Price = price(&p.Value)
	}
	if s.OK() {
		screen.InStock = new(s.Value.Available > 0)
	}
	return screen
}
