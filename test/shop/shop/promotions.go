package shop

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

// promotion is a row as the legacy system exports it, internal columns included.
type promotion struct {
	ID        int     `json:"promo_id"`
	Title     string  `json:"promo_ttl"`
	Text      string  `json:"promo_txt"`
	Image     string  `json:"img_url"`
	ValidFrom string  `json:"valid_from"` // promotionTime, no zone
	ValidTo   string  `json:"valid_to"`
	Margin    float64 `json:"internal_margin_pct"`
	CreatedBy string  `json:"created_by"`
	Segment   string  `json:"cust_seg"` // G, S or R
	Products  string  `json:"sku_list"` // separated by semicolons

	ago, left int // days around the day of the request
}

const (
	promotionCount = 18
	promotionTime  = "02.01.2006 15:04"
)

// promotions is the legacy service: whatever happens, it says so with status 200 and a
// return code. Its rows never change, but their dates always surround today.
type promotions struct{ rows []promotion }

func (p *promotions) routes() rest.Routes {
	return rest.Routes{"GET /promo_service/v1/promos": p.find}
}

// Return codes of the legacy service.
const (
	retOK           = 0
	retNoCustomer   = 17
	retWrongSegment = 21
)

type promotionReply struct {
	List    []promotion `json:"promo_list"`
	Code    int         `json:"ret_cd"`
	Message string      `json:"ret_msg"`
}

func (p *promotions) find(w http.ResponseWriter, r *http.Request) error {
	reply := promotionReply{Code: retOK, Message: "OK"}
	segment, known := segmentCode(r.FormValue("seg_cd"))
	switch {
	case r.FormValue("customer_no") == "" && r.FormValue("seg_cd") == "":
		reply.Code, reply.Message = retNoCustomer, "CUSTOMER_NO MISSING"
	case !known:
		reply.Code, reply.Message = retWrongSegment, "SEG_CD UNKNOWN"
	default:
		reply.List = p.of(segment, time.Now())
	}
	return rest.Send(w, http.StatusOK, reply)
}

// segmentCode takes G, gold and the like; who says nothing is regular.
func segmentCode(text string) (code string, ok bool) {
	switch strings.ToLower(text) {
	case "g", "gold":
		return "G", true
	case "s", "silver":
		return "S", true
	case "r", "regular", "":
		return "R", true
	}
	return "", false
}

func (p *promotions) of(segment string, now time.Time) []promotion {
	today := now.Truncate(24 * time.Hour)
	var list []promotion
	for _, row := range p.rows {
		if row.Segment != segment {
			continue
		}
		row.ValidFrom = today.AddDate(0, 0, -row.ago).UTC().Format(promotionTime)
		row.ValidTo = today.AddDate(0, 0, row.left+1).Add(-time.Minute).UTC().Format(promotionTime)
		list = append(list, row)
	}
	return list
}

func newPromotions() *promotions {
	random := stream("promotions")
	p := &promotions{}
	for i := range promotionCount {
		theme := promotionThemes[i%len(promotionThemes)]
		percent := 5 * (1 + random.IntN(8))
		p.rows = append(p.rows, promotion{
			ID:        i + 1,
			Title:     theme,
			Text:      fmt.Sprintf("%s: %d%% off selected products, while stocks last.", theme, percent),
			Image:     fmt.Sprintf("/assets/promotions/%d.svg", i+1),
			Margin:    float64(random.IntN(80)) / 2,
			CreatedBy: fmt.Sprintf("batch_%02d", 1+random.IntN(12)),
			Segment:   []string{"G", "S", "R"}[i%3],
			Products:  strings.Join(someProducts(random, 3+random.IntN(5)), ";"),
			ago:       1 + random.IntN(20),
			left:      1 + random.IntN(20),
		})
	}
	return p
}

var promotionThemes = []string{
	"Autumn sale", "Quiet weeks", "Coffee month", "Back to the desk", "Wool days",
	"Ride in the dark", "Garden clear-out", "Members' evening", "Repair, then buy", "New in",
	"Last sizes",
}
