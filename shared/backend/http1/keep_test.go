package http1_test

import (
	"maps"
	"slices"
	"testing"
)

// A caller who says which headers it reads gets these, and Date with them.
func TestOnlyWantedHeadersAreKept(t *testing.T) {
	const date = "Date: Thu, 26 Nov 2026 10:00:00 GMT\r\n"
	for _, tt := range []struct {
		name, headers string
		want          []string
	}{
		{"one that is wanted", date + "Server: x\r\nAge: 1\r\nAGE: 2\r\n", []string{"Age", "Date"}},
		{"none that is wanted", date + "Server: x\r\n", nil},
		{"none at all", "", nil},
	} {
		r := get("/")
		r.Keep = func(name string) bool { return name == "Age" }
		res, err := exchange([]byte("HTTP/1.1 200 OK\r\n"+tt.headers+"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), r)
		if err != nil || string(res.Body) != "ok" {
			t.Fatalf("%s: %q, %v", tt.name, res.Body, err)
		}
		if got := slices.Sorted(maps.Keys(res.Header)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: kept %v, want %v", tt.name, got, tt.want)
		}
		if ages := res.Header["Age"]; tt.want != nil && !slices.Equal(ages, []string{"1", "2"}) {
			t.Errorf("%s: Age %q", tt.name, ages)
		}
	}
}
