package main

import (
	"github.com/facet-bff/facet/compositions/cards"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/pricing"
)

// A Card is a product in a list.
type Card struct {
	SKU   catalog.SKU `json:"sku"`
	Title string      `json:"title"`
	Brand string      `json:"brand"`
	Image *Image      `json:"image"` // null if the product has none
	Price *Price      `json:"price"` // null while it is not known
}

// An Image is a picture with what the page needs to lay it out.
type Image struct {
	Src    string `json:"src"`
	Alt    string `json:"alt"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// A Price is what the page shows of one.
type Price struct {
	Cents    int64  `json:"cents"`
	Currency string `json:"currency"`
	Listed   int64  `json:"listed"`
	Discount int    `json:"discount_percent"`
}

// Money is an amount that is no product's price.
type Money struct {
	Cents    int64  `json:"cents"`
	Currency string `json:"currency"`
}

func cardViews(list []cards.Card) []Card {
	out := make([]Card, len(list))
	for i, card := range list {
		p := card.Product
		out[i] = Card{SKU: p.SKU, Title: p.Title, Brand: p.Brand, Image: image(p.Image()), Price: price(card.Price)}
	}
	return out
}

func image(i catalog.Image) *Image {
	if i.Path == "" {
		return nil
	}
	return &Image{Src: i.Path, Alt: i.Alt, Width: i.Width, Height: i.Height}
}

func price(p *pricing.Price) *Price {
	if p == nil {
		return nil
	}
	out := &Price{Cents: p.Cents, Currency: p.Currency, Listed: p.ListCents}
	if p.ListCents > p.Cents {
		out.Discount = int((p.ListCents - p.Cents) * 100 / p.ListCents)
	}
	return out
}
