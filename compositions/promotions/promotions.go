// Package promotions is the contract with the promotions service. The service is old:
// its names, dates and result codes end in this package.
package promotions

import (
	"fmt"
	"strings"
	"time"

	"github.com/facet-bff/facet/compositions/catalog"
	"github.com/facet-bff/facet/compositions/users"
	"github.com/facet-bff/facet/shared/backend"
)

// A Promotion is an offer to a customer.
type Promotion struct {
	ID    int
	Title string
	Text  string
	Image string
	From  time.Time
	To    time.Time
	SKUs  []catalog.SKU
}

// For is a customer as the service knows them.
type For struct {
	User    users.ID `query:"customer_no"`
	Segment string   `query:"seg_cd"`
}

// API is what the promotions service can do.
type API struct {
	Promotions *backend.Op[For, []Promotion]
}

// New returns the operations of s.
func New(s *backend.Service) API {
	legacy := backend.GET[For, answer](s, "promotions", "/promo_service/v1/promos{?customer_no,seg_cd}")
	return API{Promotions: backend.Convert(legacy, answer.promotions)}
}

// An answer is the service's own form. What is internal to it is not even decoded.
type answer struct {
	Code    int     `json:"ret_cd"`
	Message string  `json:"ret_msg"`
	List    []promo `json:"promo_list"`
}

type promo struct {
	ID    int    `json:"promo_id"`
	Title string `json:"promo_ttl"`
	Text  string `json:"promo_txt"`
	Image string `json:"img_url"`
	From  string `json:"valid_from"`
	To    string `json:"valid_to"`
	SKUs  string `json:"sku_list"`
}

// dateForm is the service's own, in UTC.
const dateForm = "02.01.2006 15:04"

// promotions is the answer in our words. The service reports failures in a 200.
func (a answer) promotions() ([]Promotion, error) {
	if a.Code != 0 {
		return nil, fmt.Errorf("result code %d: %s", a.Code, a.Message)
	}
	list := make([]Promotion, len(a.List))
	for i, p := range a.List {
		from, err := time.Parse(dateForm, p.From)
		if err != nil {
			return nil, fmt.Errorf("valid_from: %w", err)
		}
		to, err := time.Parse(dateForm, p.To)
		if err != nil {
			return nil, fmt.Errorf("valid_to: %w", err)
		}
		list[i] = Promotion{ID: p.ID, Title: p.Title, Text: p.Text, Image: p.Image, From: from, To: to, SKUs: skus(p.SKUs)}
	}
	return list, nil
}

func skus(list string) (out []catalog.SKU) {
	for sku := range strings.SplitSeq(list, ";") {
		if sku != "" {
			out = append(out, catalog.SKU(sku))
		}
	}
	return out
}
