package e2e_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/facet-bff/facet/test/demo/fleet"
	"github.com/facet-bff/facet/test/shop/faults"
)

func TestOptionalServiceDown(t *testing.T) {
	mobile := start(t, "bff-mobile", "FACET_SERVICES__RECOMMENDATIONS__TIMEOUT__DEFAULT=5s")
	whole := get(t, mobile.url+"/v1/home", as(t, "user=u1")).object(t)
	breakService(t, "promotions", `{"status":503}`)
	a := get(t, mobile.url+"/v1/home", as(t, "user=u3"))
	if a.status != 200 || !strings.Contains(a.degraded(), "promotions;reason=error") {
		t.Errorf("status %d, degraded %q", a.status, a.degraded())
	}
	if control := a.header.Get("Cache-Control"); control != "no-store" {
		t.Errorf("Cache-Control is %q", control)
	}
	object := a.object(t)
	if got, want := slices.Sorted(maps.Keys(object)), slices.Sorted(maps.Keys(whole)); !slices.Equal(got, want) {
		t.Errorf("members: got %v, want %v", got, want)
	}
	if banners, isList := object["banners"].([]any); !isList || len(banners) != 0 {
		t.Errorf("banners is %v, want an empty list", object["banners"])
	}
	if at(object, "feed.0.sku") == nil {
		t.Error("the feed is gone too")
	}
}

func TestRequiredServiceDown(t *testing.T) {
	mobile := start(t, "bff-mobile")
	for fault, want := range map[string]int{
		`{"status":500}`: 502, `{"status":503}`: 502, `{"reset":true}`: 502, `{"garbage":true}`: 502,
		`{"status":429}`: 503, `{"status":401}`: 502, `{"hang":true}`: 504,
	} {
		breakService(t, "users", fault)
		a := get(t, mobile.url+"/v1/home", as(t, "user=u4"))
		a.problem(t)
		if a.status != want {
			t.Errorf("users %s: status %d, want %d", fault, a.status, want)
		}
		tellsNothing(t, "users "+fault, a)
	}
}

// tellsNothing checks that an answer has nothing of the inside.
func tellsNothing(t *testing.T, what string, a answer) {
	t.Helper()
	var text strings.Builder
	text.WriteString(a.body)
	_ = a.header.WriteSubset(&text, map[string]bool{"Server-Timing": true}) // a Builder takes everything
	for _, inside := range []string{faults.InternalHost, "goroutine ", "127.0.0.1", ".go:", "panic"} {
		if strings.Contains(text.String(), inside) {
			t.Errorf("%s: the answer has %q:\n%.500s", what, inside, &text)
		}
	}
}

func TestHangingServiceCostsItsTimeOnly(t *testing.T) {
	mobile := start(t, "bff-mobile")
	breakService(t, "recommendations", `{"hang":true}`)
	a := get(t, mobile.url+"/v1/home", as(t, "user=u1"))
	if a.status != 200 || a.degraded() != "recommendations;reason=timeout" {
		t.Errorf("status %d, degraded %q", a.status, a.degraded())
	}
	if a.took < 350*time.Millisecond || a.took > 1500*time.Millisecond {
		t.Errorf("took %s; the part has 400ms, the endpoint 1500ms", a.took)
	}
	if at(a.object(t), "feed.0.sku") == nil {
		t.Error("the feed is gone too")
	}
}

// However much hangs, an answer comes within the endpoint's budget.
func TestBudget(t *testing.T) {
	mobile := start(t, "bff-mobile", each("bff-mobile", "TIMEOUT__DEFAULT=20s")...)
	breakService(t, "catalog", `{"hang":true}`)
	a := get(t, mobile.url+"/v1/home", as(t, "user=u1"))
	if a.took < time.Second || a.took > 2*time.Second {
		t.Errorf("status %d after %s; the budget is 1500ms", a.status, a.took)
	}
	if a.status != 200 || !strings.Contains(a.degraded(), "feed;reason=timeout") {
		t.Errorf("status %d, degraded %q", a.status, a.degraded())
	}
}

// Whatever a service sends, clients see nothing of the inside.
func TestNothingLeaks(t *testing.T) {
	for _, name := range []string{"bff-mobile", "bff-web", "bff-admin"} {
		t.Run(name, func(t *testing.T) {
			g := start(t, name, uncached(name)...)
			var own []visit
			for _, v := range visits {
				if v.gateway == name {
					own = append(own, v)
				}
			}
			options := make([][]option, len(own))
			for i, v := range own {
				options[i] = v.options(t)
			}
			for _, service := range fleet.Services(name) {
				for _, fault := range []string{`{"status":500}`, `{"garbage":true}`, `{"reset":true}`} {
					breakService(t, service, fault)
					for i, v := range own {
						a := send(t, v.method, g.url+v.path, options[i]...)
						what := service + " " + fault + ": " + v.method + " " + v.path
						tellsNothing(t, what, a)
						survives(t, what, a)
					}
				}
				mend(t)
			}
		})
	}
}

// survives checks that the status follows the failure table: what could be absorbed was.
func survives(t *testing.T, what string, a answer) {
	t.Helper()
	switch a.status {
	case 200, 201:
	case 409: // the cart has been ordered already
		a.problem(t)
	case 502:
		if a.problem(t); a.degraded() != "" {
			t.Errorf("%s: status 502 and degraded %q", what, a.degraded())
		}
	default:
		t.Errorf("%s: status %d: %.300s", what, a.status, a.body)
	}
}
