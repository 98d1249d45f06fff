package shape_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/shape"
)

type (
	tree struct {
		Name  string           `json:"name"`
		Kids  []*tree          `json:"kids,omitempty"`
		Named map[string]*tree `json:"named"`
	}
	tagged struct {
		Plain  int
		Hidden int `json:"-"`
		hidden int
		Dotted int             `json:"a.b"`
		When   time.Time       `json:"when"`
		Raw    json.RawMessage `json:"raw"`
		Text   jsontext.Value  `json:"text"`
		Own    custom          `json:"own"`
		Any    any             `json:"any"`
	}
	base struct {
		ID   int `json:"id"`
		Both struct{ A int }
	}
	other   struct{ Both struct{ B int } }
	derived struct {
		base
		*other
		Name string `json:"name"`
	}
	fallback struct {
		Part struct{ A int } `json:"part"`
		Rest map[string]any  `json:",embed"`
	}
	maps   map[string]maps
	custom []struct{ A int }
)

func (c *custom) UnmarshalJSON([]byte) error { return nil }

func TestOf(t *testing.T) {
	_ = tagged{}.hidden
	for _, c := range []struct {
		name  string
		shape *shape.Shape
		src   string
		want  string
	}{
		{"recursive", shape.Of[tree](), `{"name":1,"x":2,"kids":[{"kids":[{"x":3,"name":4}]}],"named":{"k":{"x":5,"name":6}}}`, `{"name":1,"kids":[{"kids":[{"name":4}]}],"named":{"k":{"name":6}}}`},
		{"tags", shape.Of[*tagged](), `{"Plain":1,"plain":2,"Hidden":3,"-":4,"hidden":5,"a.b":6,"a":7}`, `{"Plain":1,"a.b":6}`},
		{"kept whole", shape.Of[tagged](), `{"when":{"a":1},"raw":{"a":2},"text":{"a":3},"own":[{"a":0}],"any":[{"a":4}],"x":0}`, `{"when":{"a":1},"raw":{"a":2},"text":{"a":3},"own":[{"a":0}],"any":[{"a":4}]}`},
		{"embedded", shape.Of[derived](), `{"id":1,"Both":{"A":1,"B":2},"name":3,"base":4,"other":5}`, `{"id":1,"Both":{"A":1,"B":2},"name":3}`},
		{"others", shape.Of[fallback](), `{"part":{"A":1,"B":2},"x":{"y":3}}`, `{"part":{"A":1},"x":{"y":3}}`},
		{"no options", shape.Of[struct {
			Point struct{ X int } `json:",inline"`
		}](), `{"Point":{"X":1,"Y":2},"X":3}`, `{"Point":{"X":1}}`},
		{"other cases", shape.Of[folded](), `{"A":1,"b":2}`, `{"A":1,"b":2}`},
		{"no names", shape.Of[list](), `[[],[{"a":1}]]`, `[[],[{"a":1}]]`},
		{"maps of maps", shape.Of[maps](), `{"a":{"b":{}}}`, `{"a":{"b":{}}}`},
		{"arrays of maps", shape.Of[[2]map[int]struct{ A int }](), `[{"1":{"A":1,"B":2}},{}]`, `[{"1":{"A":1}},{}]`},
		{"scalars", shape.Of[int](), `{"a":1}`, `{"a":1}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.shape.Append(nil, []byte(c.src))
			if err != nil || string(got) != c.want {
				t.Fatalf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
}
