package main

import (
	"strings"
	"time"

	shop "github.com/facet-bff/facet/compositions"
	"github.com/facet-bff/facet/compositions/cards"
	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/promotions"
	"github.com/facet-bff/facet/compositions/recommendations"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/compose"
)

type homeRequest struct {
	User users.ID `identity:"subject"`
}

// A HomeScreen is the first screen of the app.
type HomeScreen struct {
	Greeting string   `json:"greeting"`
	Banners  []Banner `json:"banners"`
	Feed     []Tile   `json:"feed"`
	ForYou   []Tile   `json:"for_you"`
}

// A Banner is an offer across the screen.
type Banner struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	Until string `json:"until"` // a date
}

// How much of the feed is looked at for recommendations, and how much is shown.
const (
	feedSeeds   = 3
	feedShown   = 12
	forYouShown = 6
)

func home(b *shop.Backends) *compose.Graph[homeRequest, HomeScreen] {
	return compose.Define("mobile.home", func(in compose.Node[homeRequest]) compose.Node[HomeScreen] {
		user := compose.Call("user", compose.Map(in, func(r homeRequest) users.ID { return r.User }), b.Users.User)
		promo := compose.Call("promotions", compose.Map(user, promotionsFor), b.Promotions.Promotions).Within(300 * time.Millisecond).Or(nil)
		feed := compose.Map(compose.Call("feed", compose.Map(user, segment), b.Catalog.Feed), feedSKUs).Or(nil)
		return compose.Join4(user, promo, cards.New(b, "feed", feed).Or(nil), forYou(b, feed), homeScreen)
	})
}

// forYou recommends what is similar to the top of the feed. The service has no batch
// read and a long tail, so it gets little time.
func forYou(b *shop.Backends, feed compose.Node[[]catalog.SKU]) compose.Node[[]cards.Card] {
	seeds := compose.Map(feed, func(skus []catalog.SKU) []catalog.SKU { return skus[:min(len(skus), feedSeeds)] })
	lists := compose.Each("recommendations", seeds, feedSeeds, b.Recommendations.Similar).Within(400 * time.Millisecond)
	return cards.New(b, "for_you", compose.Map(lists, recommended)).Or(nil)
}

func promotionsFor(u users.User) promotions.For {
	return promotions.For{User: u.ID, Segment: u.Segment}
}

func segment(u users.User) string { return u.Segment }

func feedSKUs(f catalog.Feed) []catalog.SKU { return unique(f.SKUs, feedShown) }

func recommended(lists []recommendations.List) []catalog.SKU {
	var all []catalog.SKU
	for _, list := range lists {
		all = append(all, list.SKUs...)
	}
	return unique(all, forYouShown)
}

// unique is the first n different products of a list.
func unique(skus []catalog.SKU, n int) []catalog.SKU {
	seen := make(map[catalog.SKU]bool, n)
	out := make([]catalog.SKU, 0, n)
	for _, sku := range skus {
		if len(out) < n && !seen[sku] {
			seen[sku] = true
			out = append(out, sku)
		}
	}
	return out
}

func homeScreen(u users.User, promo []promotions.Promotion, feed, forYou []cards.Card) HomeScreen {
	first, _, _ := strings.Cut(u.Name, " ")
	screen := HomeScreen{Greeting: "Hi " + first, Feed: tiles(feed), ForYou: tiles(forYou)}
	for _, p := range promo {
		screen.Banners = append(screen.Banners, Banner{Title: p.Title, Text: p.Text, Until: p.To.Format(time.DateOnly)})
	}
	return screen
}
