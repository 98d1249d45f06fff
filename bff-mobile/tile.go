package main

import (
	"github.com/facet-bff/facet/compositions/cards"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/pricing"
)

// A Tile is a product on a small screen.
type Tile struct {
	SKU   catalog.SKU `json:"sku"`
	Title string      `json:"title"`
	Image string      `json:"image,omitempty"`
	Price *Price      `json:"price"` // null while it is not known
}

// A Price is what the app shows of one.
type Price struct {
	Cents    int64  `json:"cents"`
	Currency string `json:"currency"`
	Was      int64  `json:"was,omitzero"` // the listed price, where that is higher
}

func tiles(list []cards.Card) []Tile {
	out := make([]Tile, len(list))
	for i, card := range list {
		out[i] = Tile{
			SKU: card.Product.SKU, Title: card.Product.Title,
			Image: card.Product.Image().Path, Price: price(card.Price),
		}
	}
	return out
}

func price(p *pricing.Price) *Price {
	if p == nil {
		return nil
	}
	out := &Price{Cents: p.Cents, Currency: p.Currency}
	if p.ListCents > p.Cents {
		out.Was = p.ListCents
	}
	return out
}
