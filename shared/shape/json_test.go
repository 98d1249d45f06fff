package shape_test

import (
	"encoding/json"
	"testing"

	"github.com/facet-bff/facet/shared/shape"
)

func TestJSON(t *testing.T) {
	type parcel struct {
		A shape.JSON `json:"A"`
		B shape.JSON `json:"B"`
	}
	for _, c := range []struct{ src, want string }{
		{`{"A": {"x" : [1.50]}, "B": null}`, `{"A":{"x":[1.50]},"B":null}`},
		{`{"A":"\u00e9"}`, `{"A":"\u00e9","B":null}`},
	} {
		var p parcel
		if err := json.Unmarshal([]byte(c.src), &p); err != nil || p.B != nil {
			t.Errorf("%s: %+v, %v", c.src, p, err)
		}
		if got, err := json.Marshal(p); err != nil || string(got) != c.want {
			t.Errorf("%s becomes %s, %v; want %s", c.src, got, err, c.want)
		}
	}
	p := parcel{A: shape.JSON(`1`)}
	if err := p.A.UnmarshalJSON([]byte(`{"a":1,"a":2}`)); err == nil || string(p.A) != "1" {
		t.Errorf("got %s, %v", p.A, err)
	}
	if _, err := json.Marshal(parcel{A: shape.JSON(`{"a":`)}); err == nil {
		t.Error("what is no JSON was carried")
	}
}
