package rest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

func Example() {
	routes := rest.Routes{"GET /things/{id}": func(w http.ResponseWriter, r *http.Request) error {
		if id := r.PathValue("id"); id != "t1" {
			return rest.NotFound("thing", id)
		}
		return rest.Send(w, http.StatusOK, map[string]string{"id": "t1"})
	}}
	for _, path := range []string{"/things/t1", "/things/t2", "/elsewhere"} {
		w := httptest.NewRecorder()
		rest.Unmatched(routes.Mux()).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 {"id":"t1"}
	// 404 {"error":"no thing \"t2\""}
	// 404 {"error":"not found"}
}

func TestMethodNotAllowed(t *testing.T) {
	mux := rest.Routes{"GET /things": nil}.Mux()
	w := httptest.NewRecorder()
	rest.Unmatched(mux).ServeHTTP(w, httptest.NewRequest("POST", "/things", nil))
	if w.Code != 405 || w.Header().Get("Allow") == "" || !strings.HasPrefix(w.Body.String(), `{"error"`) {
		t.Errorf("got %d, Allow %q, body %s", w.Code, w.Header().Get("Allow"), w.Body)
	}
}

func TestUnexpectedErrorStaysPrivate(t *testing.T) {
	h := rest.Handler(func(http.ResponseWriter, *http.Request) error { return errors.New("secret") })
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, body := range []string{``, `{`, `{"a":"x"}`, `{"b":1}`, `{"a":1} 2`, `{"a":1,"a":2}`} {
		r := httptest.NewRequest("PUT", "/", strings.NewReader(body))
		var v struct {
			A int `json:"a"`
		}
		refusal, ok := errors.AsType[*rest.Error](rest.Read(httptest.NewRecorder(), r, &v))
		if !ok || refusal.Status != 400 {
			t.Errorf("body %q: got %v, want a 400", body, refusal)
		}
	}
}

func TestReadWindow(t *testing.T) {
	list := []int{0, 1, 2, 3, 4}
	tests := []struct {
		query string
		want  []int // nil: refused
	}{
		{"", []int{0, 1}},
		{"offset=1&limit=3", []int{1, 2, 3}},
		{"offset=4&limit=3", []int{4}},
		{"offset=9", []int{}},
		{"limit=0", []int{}},
		{"limit=4", nil},
		{"limit=-1", nil},
		{"offset=x", nil},
	}
	for _, tt := range tests {
		q, _ := url.ParseQuery(tt.query)
		window, err := rest.ReadWindow(q, 2, 3)
		if (err != nil) != (tt.want == nil) {
			t.Errorf("%q: error %v", tt.query, err)
			continue
		}
		if err == nil && !slices.Equal(rest.Cut(list, window), tt.want) {
			t.Errorf("%q: got %v, want %v", tt.query, rest.Cut(list, window), tt.want)
		}
	}
}
