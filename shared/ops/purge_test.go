package ops

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/facet-bff/facet/shared/cache"
)

func TestPurge(t *testing.T) {
	g, told := testGateway(), true
	var got cache.Purge
	g.Purge = func(_ context.Context, p cache.Purge) (bool, error) {
		got = p
		if len(p.Services) > 0 && p.Services[0] == "carts" {
			return false, errors.New(`there is no service "carts"`)
		}
		return told, p.Validate()
	}
	h := NewHandler(g)
	for _, c := range []struct {
		body   string
		told   bool
		status int
		answer string
		want   cache.Purge
	}{
		{`{"tags":["product:1","a"]}`, true, 200, `{"purged":{"tags":["product:1","a"]},"replicas":"told"}`, cache.Purge{Tags: []string{"product:1", "a"}}},
		{`{"service":"catalog"}`, true, 200, `{"purged":{"services":["catalog"]},"replicas":"told"}`, cache.Purge{Services: []string{"catalog"}}},
		{`{"service":"a","services":["b"]}`, false, 200, `{"purged":{"services":["b","a"]},"replicas":"later"}`, cache.Purge{Services: []string{"b", "a"}}},
		{`{"paths":[{"service":"catalog","path":"/p/1"}]}`, true, 200, `{"purged":{"paths":[{"service":"catalog","path":"/p/1"}]},"replicas":"told"}`,
			cache.Purge{Paths: []cache.Path{{Service: "catalog", Path: "/p/1"}}}},
		{`{"all":true}`, true, 200, `{"purged":{"all":true},"replicas":"told"}`, cache.Purge{All: true}},
		{`{}`, true, 400, "it purges nothing", cache.Purge{}},
		{`{"all":false}`, true, 400, "it purges nothing", cache.Purge{}},
		{`{"service":"carts"}`, true, 400, `there is no service "carts"`, cache.Purge{Services: []string{"carts"}}},
		{`{"tag":"a"}`, true, 400, "/tag is none of them", cache.Purge{}},
		{`{"tags":"a"}`, true, 400, "the body must be JSON", cache.Purge{}},
		{`{"tags":["a"]}{}`, true, 400, "the body must be JSON", cache.Purge{}},
		{``, true, 400, "the body must be JSON", cache.Purge{}},
		{`{"tags":["` + strings.Repeat("a", 1<<20) + `"]}`, true, 400, "too large", cache.Purge{}},
	} {
		got, told = cache.Purge{}, c.told
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/cache/purge", strings.NewReader(c.body)))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.answer) || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%.60s: got %d %s, purged %+v", c.body, w.Code, w.Body, got)
		}
	}
	if w := ask(h, http.MethodGet, "/cache/purge"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
}
