package payload

import (
	"bytes"
	"testing"
)

// The targets and everybody's reports name these sizes, so they may not drift.
func TestSizes(t *testing.T) {
	for name, tt := range map[string]struct {
		document    []byte
		least, most int
	}{
		"user":      {User(42), 1800, 2000},
		"small":     {Small("org"), 450, 550},
		"inventory": {Inventory(), 400, 550},
		"product":   {Product(), 9000, 10000},
		"orders":    {Orders(), 18500, 20000},
		"home":      {Home(42), 6000, 6800},
		"page":      {Page(1), 1 << 10, 1 << 10},
		"pages":     {Page(1024), 1 << 20, 1 << 20},
		"listing":   {Listing(1024), 70 << 10, 100 << 10},
	} {
		if n := len(tt.document); n < tt.least || n > tt.most {
			t.Errorf("%s has %d bytes, want %d to %d", name, n, tt.least, tt.most)
		}
	}
}

func TestAlwaysTheSame(t *testing.T) {
	if !bytes.Equal(Home(42), Home(42)) || !bytes.Equal(Orders(), Orders()) || !bytes.Equal(User(7), User(7)) {
		t.Error("a document changes from call to call")
	}
	if bytes.Equal(User(7), User(8)) {
		t.Error("two users are the same")
	}
}

func TestProject(t *testing.T) {
	document := []byte(`{"a":1,"b":{"c":2,"d":3},"list":[{"x":1,"y":2},{"x":3}],"whole":[{"z":0}],"n":null}`)
	for want, keep := range map[string][]string{
		`{"a":1,"n":null}`:           {"a", "n", "missing"},
		`{"b":{"d":3}}`:              {"b.d"},
		`{"list":[{"x":1},{"x":3}]}`: {"list.*.x"},
		`{"list":[{"y":2},{}]}`:      {"list.*.y"},
		`{"whole":[{"z":0}]}`:        {"whole"},
		`{"b":{"c":2,"d":3}}`:        {"b", "b.d"},
		`{"a":1,"b":{"c":2}}`:        {"a", "b.c"},
	} {
		if got := string(encode(view(document, keep))); got != want {
			t.Errorf("%v: got %s, want %s", keep, got, want)
		}
	}
}
