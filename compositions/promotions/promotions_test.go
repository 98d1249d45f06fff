package promotions

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/compositions/catalog"
)

func TestPromotions(t *testing.T) {
	well := promo{ID: 12, Title: "Autumn sale", From: "01.11.2026 00:00", To: "30.11.2026 23:59", SKUs: "p1;p2;"}
	for _, tt := range []struct {
		name   string
		answer answer
		want   string // part of the error; empty: none
	}{
		{"well", answer{List: []promo{well}}, ""},
		{"none", answer{}, ""},
		{"a failure in a 200", answer{Code: 17, Message: "CUSTOMER_NO MISSING"}, "result code 17"},
		{"a date of another form", answer{List: []promo{well, {From: "2026-11-01", To: well.To}}}, "valid_from"},
		{"no end", answer{List: []promo{{From: well.From}}}, "valid_to"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list, err := tt.answer.promotions()
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v, want %q", err, tt.want)
				}
				return
			}
			if err != nil || len(list) != len(tt.answer.List) {
				t.Errorf("%v, %v", list, err)
			}
		})
	}
}

func TestPromotionInOurWords(t *testing.T) {
	list, err := answer{List: []promo{{
		ID: 12, Title: "Autumn sale", Text: "Tea", Image: "/a.svg", From: "01.11.2026 00:00", To: "30.11.2026 23:59", SKUs: "p1;p2;",
	}}}.promotions()
	if err != nil {
		t.Fatal(err)
	}
	p := list[0]
	if p.ID != 12 || p.Title != "Autumn sale" || p.Text != "Tea" || p.Image != "/a.svg" ||
		!p.From.Equal(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)) || !p.To.Equal(time.Date(2026, 11, 30, 23, 59, 0, 0, time.UTC)) ||
		!slices.Equal(p.SKUs, []catalog.SKU{"p1", "p2"}) {
		t.Errorf("%+v", p)
	}
}
