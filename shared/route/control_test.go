package route

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// What a client says to caches on the way reaches ours, and not the service.
func TestWhatAClientSaysToCaches(t *testing.T) {
	for _, in := range []http.Header{
		{"Cache-Control": {"no-cache", "no-store"}}, {"Pragma": {"no-cache"}}, {"Cache-Control": {"max-age=0"}, "Pragma": {"no-cache"}}, nil,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		maps.Copy(r.Header, in)
		service := &recording{}
		if res := service.serve(t, r, "match: {path: /}"); res.StatusCode != http.StatusOK {
			t.Fatal(res.Status)
		}
		got := service.last(t)
		if !maps.EqualFunc(got.Control, in, slices.Equal) || got.Header["Cache-Control"] != nil || got.Header["Pragma"] != nil {
			t.Errorf("%v: control %v, headers %v", in, got.Control, got.Header)
		}
	}
}
