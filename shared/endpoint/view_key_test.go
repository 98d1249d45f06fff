package endpoint

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/identity/access"
)

type search struct {
	ID    string   `param:"id"`
	Text  string   `query:"q"`
	Limit string   `query:"limit" default:"20"`
	Tags  []string `query:"tag"`
	Lang  string   `header:"Accept-Language"`
	App   string   `header:"X-App"`
}

// A viewer is all that an answer of search may depend on.
type viewer struct {
	id                     string
	values                 url.Values // of the parameters that are read
	lang, app              []string
	issuer, subject, token string
}

// randomViewer has few values for each part, which could run together, so that many are equal
// or differ in one part only.
func randomViewer(r *rand.Rand) viewer {
	pick := func() string { return []string{"", "a", "A", "a:a", "1:a", "a1:b", "0*"}[r.IntN(7)] }
	some := func() (out []string) {
		for range r.IntN(3) / 2 * (1 + r.IntN(2)) {
			out = append(out, pick())
		}
		return out
	}
	v := viewer{id: "x" + pick(), values: url.Values{}, lang: some(), app: some()}
	for _, name := range []string{"q", "limit"} {
		if r.IntN(3) == 0 {
			v.values[name] = []string{pick()}
		}
	}
	if tags := some(); tags != nil {
		v.values["tag"] = tags
	}
	if r.IntN(2) == 0 {
		v.issuer, v.subject, v.token = []string{"i", "j"}[r.IntN(2)], []string{"ada", "bob"}[r.IntN(2)], []string{"t", "u"}[r.IntN(2)]
	}
	return v
}

// request asks as v does, with the parameters in some order and others between them that
// nobody reads, and the headers' names in some case.
func (v viewer) request(r *rand.Rand, router *echo.Echo) echo.Context {
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	names := []string{"q", "limit", "tag", "utm_source", "Q"}
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var query []string
	for _, name := range names {
		for _, value := range v.values[name] {
			query = append(query, name+"="+url.QueryEscape(value))
		}
		if name == "utm_source" || name == "Q" {
			query = append(query, fmt.Sprint(name, "=", r.IntN(9)))
		}
	}
	req.URL.RawQuery = strings.Join(query, "&")
	for _, value := range v.lang {
		req.Header.Add([]string{"Accept-Language", "accept-language"}[r.IntN(2)], value)
	}
	for _, value := range v.app {
		req.Header.Add([]string{"X-App", "x-APP"}[r.IntN(2)], value)
	}
	req.Header.Set("User-Agent", strconv.Itoa(r.IntN(9))) // which nobody reads
	if v.subject != "" {
		req = as(req, (&identity.Principal{Issuer: v.issuer, Subject: v.subject}).WithToken(v.token))
	}
	c := router.NewContext(req, httptest.NewRecorder())
	c.SetParamNames("id")
	c.SetParamValues(v.id)
	return c
}

// Two requests have the same key exactly if nothing tells them apart that the input reads, or
// who asks: the order of parameters and of what nobody reads does not matter, the order of one
// parameter's values does, and so does the case of names and values, but of headers' names.
func TestViewsHaveTheSameKeyIffTheirInputsAreTheSame(t *testing.T) {
	d, err := newDecoder[search](http.MethodGet, "/search/{id}", access.Public)
	if err != nil {
		t.Fatal(err)
	}
	r, router := rand.New(rand.NewPCG(1, 2)), echo.New()
	same, without := 0, 0
	for range 50_000 {
		a, b := randomViewer(r), randomViewer(r)
		if r.IntN(2) == 0 { // they differ in one part at most
			part := r.IntN(6)
			c := a
			c.values = maps.Clone(a.values)
			switch part {
			case 0:
				c.id = b.id
			case 1:
				c.lang = b.lang
			case 2:
				c.app = b.app
			case 3:
				c.issuer, c.subject, c.token = b.issuer, b.subject, b.token
			default:
				name := []string{"q", "tag"}[part-4]
				if delete(c.values, name); b.values[name] != nil {
					c.values[name] = b.values[name]
				}
			}
			b = c
		}
		keyA, keyB := d.key(a.request(r, router), "search"), d.key(b.request(r, router), "search")
		if keyA == "" || keyB == "" {
			without++ // a single value that is there twice
			continue
		}
		equal := a.id == b.id && slices.Equal(a.lang, b.lang) && slices.Equal(a.app, b.app) &&
			a.issuer == b.issuer && a.subject == b.subject && a.token == b.token && a.values.Encode() == b.values.Encode()
		if (keyA == keyB) != equal {
			t.Fatalf("%q and %q of\n%+v\n%+v", keyA, keyB, a, b)
		}
		if equal {
			same++
		}
	}
	if same < 1000 || without > 20_000 {
		t.Errorf("only %d pairs were equal, %d have no key", same, without)
	}
}
