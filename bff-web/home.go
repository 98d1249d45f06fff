package main

import (
	"time"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/cards"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/promotions"
	"github.com/facet-bff/facet/shared/compose"
)

type homeRequest struct{}

// A HomePage is the front page, the same for everybody: it is composed once in a while.
type HomePage struct {
	Categories []CategoryLink `json:"categories"`
	Offers     []Offer        `json:"offers"`
	Featured   []Card         `json:"featured"`
}

// A CategoryLink leads to a category.
type CategoryLink struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// An Offer is a promotion.
type Offer struct {
	Title string        `json:"title"`
	Text  string        `json:"text"`
	Image string        `json:"image"`
	Until time.Time     `json:"until"`
	SKUs  []catalog.SKU `json:"skus"`
}

// everybody is the segment of customers that are not known.
const everybody = "regular"

func home(b *shop.Backends) *compose.Graph[homeRequest, HomePage] {
	return compose.Define("web.home", func(in compose.Node[homeRequest]) compose.Node[HomePage] {
		segment := compose.Map(in, func(homeRequest) string { return everybody })
		tree := compose.Call("categories", compose.Map(in, func(homeRequest) struct{} { return struct{}{} }), b.Catalog.Categories).Or(nil)
		offers := compose.Call("promotions", compose.Map(segment, promotionsFor), b.Promotions.Promotions).Within(300 * time.Millisecond).Or(nil)
		feed := compose.Call("feed", segment, b.Catalog.Feed)
		return compose.Join3(tree, offers, cards.New(b, "feed", compose.Map(feed, feedSKUs)), homePage)
	})
}

func promotionsFor(segment string) promotions.For { return promotions.For{Segment: segment} }

func feedSKUs(f catalog.Feed) []catalog.SKU { return f.SKUs }

func homePage(tree []catalog.Branch, offers []promotions.Promotion, featured []cards.Card) HomePage {
	page := HomePage{Featured: cardViews(featured)}
	for _, branch := range tree {
		page.Categories = append(page.Categories, CategoryLink{ID: branch.ID, Name: branch.Name})
	}
	for _, p := range offers {
		page.Offers = append(page.Offers, Offer{Title: p.Title, Text: p.Text, Image: p.Image, Until: p.To, SKUs: p.SKUs})
	}
	return page
}
