package scenario

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/facet-bff/facet/test/load/payload"
	"github.com/facet-bff/facet/test/load/token"
)

func named(t *testing.T, name string) Scenario {
	t.Helper()
	s, ok := Find(name)
	if !ok {
		t.Fatalf("there is no scenario %s", name)
	}
	return s
}

func TestFind(t *testing.T) {
	for _, s := range append(All(), Sized()...) {
		if found := named(t, s.Name); found.Path != s.Path {
			t.Errorf("%s: the path is %s", s.Name, found.Path)
		}
	}
	if _, ok := Find("S99"); ok {
		t.Error("there is a scenario S99")
	}
}

func TestRequestsDiffer(t *testing.T) {
	issuer, err := token.NewIssuer()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		scenario                string
		requests, paths, tokens int
	}{
		{"S0", 1, 1, 0},
		{"S2", payload.IDs, payload.IDs, 0},
		{"S3", 1, 1, 0},
		{"S4-es", payload.IDs, payload.IDs, 1},
		{"S4-first", 5, 5, 5},
	} {
		requests, err := named(t, tt.scenario).Requests(issuer, 100, 5)
		if err != nil {
			t.Fatal(err)
		}
		paths, tokens := map[string]bool{}, map[string]bool{}
		for _, r := range requests {
			paths[r.Target] = true
			if r.Token != "" {
				tokens[r.Token] = true
			}
		}
		if len(requests) != tt.requests || len(paths) != tt.paths || len(tokens) != tt.tokens {
			t.Errorf("%s: %d requests, %d paths, %d tokens; want %+v", tt.scenario, len(requests), len(paths), len(tokens), tt)
		}
	}
}

func TestNames(t *testing.T) {
	names := Names()
	if distinct := slices.Compact(slices.Sorted(slices.Values(names))); len(distinct) != len(All()) {
		t.Errorf("a name is that of two, or of none: %v", names)
	}
}

func TestCheck(t *testing.T) {
	s := Scenario{Want: func(int) []byte { return []byte(`{"a":1,"b":[true,"x"]}`) }}
	for _, tt := range []struct {
		status int
		answer string
		wrong  string // in the error; empty: there is none
	}{
		{200, `{"a":1,"b":[true,"x"]}`, ""},
		{200, ` { "b" : [ true , "\u0078" ], "a" : 1.0e0 }`, ""},
		{200, `{"a":1,"b":["x",true]}`, "differs from byte 12"},
		{200, `{"a":1}`, "differs from byte 6"},
		{200, `{"a":1`, "not JSON"},
		{502, `{"a":1,"b":[true,"x"]}`, "status 502"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/path" || r.Header.Get("Authorization") != "Bearer token" {
				t.Errorf("asked for %s with %q", r.URL.Path, r.Header.Get("Authorization"))
			}
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(tt.answer))
		}))
		size, err := s.Check(t.Context(), server.Client(), server.URL, Request{Target: "/path", Token: "token"})
		server.Close()
		switch {
		case tt.wrong == "":
			if err != nil || size != len(tt.answer) {
				t.Errorf("%s: size %d, %v", tt.answer, size, err)
			}
		case err == nil || !strings.Contains(err.Error(), tt.wrong):
			t.Errorf("%d %s: got %v, want %q", tt.status, tt.answer, err, tt.wrong)
		}
	}
}
