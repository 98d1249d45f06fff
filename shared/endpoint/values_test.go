package endpoint

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/identity"
)

type page struct {
	Offset uint16 `query:"offset"`
	Limit  int    `query:"limit" default:"20" validate:"min=1,max=50"`
}

type sku string

type everything struct {
	page
	SKU     sku            `param:"sku" validate:"max=32"`
	Name    *string        `query:"name"`
	Tags    []sku          `query:"tag" default:"all" validate:"max=3,dive,max=5"`
	Ratio   float32        `query:"ratio"`
	Deep    bool           `query:"deep" default:"true"`
	Since   time.Time      `query:"since"`
	Within  *time.Duration `query:"within" default:"1m30s"`
	Peer    netip.Addr     `query:"peer"`
	Lang    string         `header:"accept-language" default:"en"`
	Weights []int8         `header:"X-Weight"`
	User    sku            `identity:"subject"`
	Roles   []string       `identity:"roles"`
}

var caller = &identity.Principal{Subject: "u1", Roles: []string{"support"}}

func askEverything(target string, header ...string) (everything, *fault.Error) {
	r := as(get(target), caller)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return bind[everything](http.MethodGet, "/p/{sku}", r)
}

func TestDefaults(t *testing.T) {
	minute := 90 * time.Second
	want := everything{
		page: page{Limit: 20}, SKU: "a", Tags: []sku{"all"}, Deep: true, Within: &minute, Lang: "en",
		User: "u1", Roles: []string{"support"},
	}
	got, f := askEverything("/p/a")
	if f != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v", got, f)
	}
	got.Tags[0], *got.Within, got.Roles[0] = "changed", 0, "changed"
	if again, _ := askEverything("/p/a"); !reflect.DeepEqual(again, want) {
		t.Errorf("an input changed the next one's defaults: %+v", again)
	}
	if caller.Roles[0] != "support" {
		t.Error("an input changed the principal")
	}
}

func TestValues(t *testing.T) {
	name, short := "", time.Millisecond
	got, f := askEverything("/p/a%20b?offset=65535&limit=1&name=&tag=x&tag=y,z&ratio=-0.5&deep=false"+
		"&since=2026-01-02T03:04:05Z&within=1ms&peer=::1&unknown=1",
		"Accept-Language", "de", "X-Weight", "1", "X-Weight", "-2")
	want := everything{
		page: page{Offset: 65535, Limit: 1}, SKU: "a b", Name: &name, Tags: []sku{"x", "y,z"}, Ratio: -0.5,
		Since: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Within: &short, Peer: netip.IPv6Loopback(),
		Lang: "de", Weights: []int8{1, -2}, User: "u1", Roles: []string{"support"},
	}
	if f != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, f, want)
	}
}

func TestWrongValues(t *testing.T) {
	for target, want := range map[string][]string{
		"/p/a?limit=":                          {"query limit must be a whole number"},
		"/p/a?limit=1.0":                       {"query limit must be a whole number"},
		"/p/a?limit=1&limit=1":                 {"query limit must be given once"},
		"/p/a?limit=99999999999999999999":      {"query limit is a number beyond what is possible"},
		"/p/a?offset=-1":                       {"query offset must be a whole number that is not negative"},
		"/p/a?offset=65536":                    {"query offset is a number beyond what is possible"},
		"/p/a?ratio=NaN":                       {"query ratio must be a number"},
		"/p/a?ratio=1e99":                      {"query ratio is a number beyond what is possible"},
		"/p/a?deep":                            {"query deep must be true or false"},
		"/p/a?since=today":                     {"query since must be a time (RFC 3339)"},
		"/p/a?within=5":                        {"query within must be a duration like 1m30s"},
		"/p/a?peer=localhost":                  {"query peer must be a value of its kind"},
		"/p/a?name=%ff":                        {"query name must be valid UTF-8"},
		"/p/a?tag=%ff":                         {"query tag must be valid UTF-8"},
		"/p/%ff":                               {"path sku must be valid UTF-8"},
		"/p/a?tag=toolong":                     {"query tag must be at most 5 characters long"},
		"/p/a?tag=1&tag=2&tag=3&tag=4":         {"query tag must have at most 3 items"},
		"/p/a?limit=51":                        {"query limit must be at most 50"},
		"/p/123456789012345678901234567890123": {"path sku must be at most 32 characters long"},
		"/p/a?limit=x&offset=x&tag=toolong": {
			"query offset must be a whole number that is not negative", "query limit must be a whole number",
			"query tag must be at most 5 characters long",
		},
	} {
		_, f := askEverything(target)
		wantPlaces(t, f, want...)
	}
	_, f := askEverything("/p/a", "Accept-Language", "de", "Accept-Language", "en", "X-Weight", "200")
	wantPlaces(t, f, "header accept-language must be given once", "header X-Weight is a number beyond what is possible")
}

func TestMalformedQuery(t *testing.T) {
	for _, query := range []string{"a=%", "a=%zz", "a;b", "limit=1;limit=2"} {
		if _, f := askEverything("/p/a?" + query); f == nil || f.HTTPStatus() != http.StatusBadRequest || f.Fields != nil {
			t.Errorf("%s: %v", query, f)
		}
	}
}

// One parameter is one segment of the path, decoded once, whatever is escaped in it.
func TestPathParameters(t *testing.T) {
	for target, want := range map[string]sku{
		"/p/a%2Fb": "a/b", "/p/%61": "a", "/p/a%20b": "a b", "/p/a%252Fb": "a%2Fb", "/p/%2525%2F": "%25/", "/p/a+b": "a+b",
		"/p/%E2%82%AC": "€", "/p/%7Bsku%7D": "{sku}", "/p/..%2f..": "../..",
	} {
		if got, f := askEverything(target); f != nil || got.SKU != want {
			t.Errorf("%s: got %q, %v, want %q", target, got.SKU, f, want)
		}
	}
	for _, target := range []string{"/p/a/b", "/p/a/", "/p/a%20b/c", "/p/%61/b"} {
		if _, f := askEverything(target); f == nil || f.Kind != fault.NoRoute || !errors.Is(f, echo.ErrNotFound) {
			t.Errorf("%s: got %v", target, f)
		}
	}
	type two struct {
		A string `param:"a"`
		B string `param:"b"`
	}
	if _, f := bind[two](http.MethodGet, "/{a}/x/{b}", get("//x/b")); f == nil || f.Kind != fault.NoRoute {
		t.Errorf("a parameter is empty: got %v", f)
	}
	if got, f := bind[two](http.MethodGet, "/{b}/x/{a}", get("/1/x/2")); f != nil || got != (two{A: "2", B: "1"}) {
		t.Errorf("got %+v, %v", got, f)
	}
}

func TestIdentityFields(t *testing.T) {
	type who struct {
		Subject string   `identity:"subject"`
		Tenant  string   `identity:"tenant"`
		Client  string   `identity:"client"`
		Scopes  []string `identity:"scopes"`
	}
	p := &identity.Principal{Subject: "s", Tenant: "t", Client: "c", Scopes: []string{"x"}}
	r := httptest.NewRequest(http.MethodGet, "/?subject=evil&Subject=evil", nil)
	got, f := bind[who](http.MethodGet, "/", as(r, p))
	if f != nil || !reflect.DeepEqual(got, who{"s", "t", "c", []string{"x"}}) {
		t.Errorf("got %+v, %v", got, f)
	}
}
