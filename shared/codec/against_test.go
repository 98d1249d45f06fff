package codec_test

import (
	"bytes"
	"errors"
	"reflect"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/shared/codec"
	"github.com/facet-bff/facet/shared/shape"
)

type (
	scalars struct {
		Bool    bool    `json:"bool"`
		Int     int     `json:"int"`
		Int8    int8    `json:"int8"`
		Int16   int16   `json:"int16"`
		Int32   int32   `json:"int32"`
		Int64   int64   `json:"int64"`
		Uint    uint    `json:"uint"`
		Uint8   uint8   `json:"uint8"`
		Uint16  uint16  `json:"uint16"`
		Uint32  uint32  `json:"uint32"`
		Uint64  uint64  `json:"uint64"`
		Float32 float32 `json:"float32"`
		Float64 float64 `json:"float64"`
		Text    string  `json:"text"`
		Odd     string  `json:"o\u00e9<d"`
		Named   word
		private int
	}
	word  string
	inner struct {
		A int       `json:"a"`
		B []int     `json:"b"`
		C *inner    `json:"c"`
		D []*scalar `json:"d,omitempty"`
	}
	scalar  int32
	nesting struct {
		Lists [][]string                `json:"lists"`
		Maps  map[string]map[word]inner `json:"maps"`
		Ptrs  ***int                    `json:"ptrs"`
		Items []inner                   `json:"items"`
		Byp   map[word]*inner           `json:"byp"`
		Anon  struct{ X, Y float64 }    `json:"anon"`
		Empty []struct{}                `json:"empty"`
		Bools map[string][]map[string]bool
	}
	foreigners struct {
		Time   time.Time        `json:"time"`
		Times  []*time.Time     `json:"times"`
		Any    any              `json:"any"`
		Anys   map[string]any   `json:"anys"`
		Bytes  []byte           `json:"bytes"`
		Array  [2]inner         `json:"array"`
		ByInt  map[int]inner    `json:"byInt"`
		Value  jsontext.Value   `json:"value"`
		Own    own              `json:"own"`
		Texts  []level          `json:"texts"`
		ByText map[level]string `json:"byText"`
		Tags   tagged           `json:"tags"`
	}
	tagged struct {
		Quoted int            `json:"quoted,string"`
		Folded string         `json:"folded,case:ignore"`
		Rest   map[string]any `json:",embed"`
	}
	Base struct {
		ID   string `json:"id"`
		Kind word   `json:"kind,omitempty"`
	}
	hidden   struct{ Seen, Hidden int }
	embedded struct {
		Base
		hidden
		Name string `json:"name"`
	}
	competing struct {
		Base
		ID int `json:"id"`
	}
	byPointer struct {
		*Base
		Name string
	}
	omitting struct {
		A int                        `json:"a,omitzero"`
		B string                     `json:"b,omitempty"`
		C []int                      `json:"c,omitempty,omitzero"`
		D map[string]int             `json:"d,omitempty"`
		E *inner                     `json:"e,omitempty"`
		F time.Time                  `json:"f,omitzero"`
		G *time.Time                 `json:"g,omitzero"`
		H struct{}                   `json:"h,omitempty"`
		I any                        `json:"i,omitempty"`
		J zero                       `json:"j,omitzero"`
		K interface{ IsZero() bool } `json:"k,omitzero"`
	}
	passing struct {
		One  shape.JSON            `json:"one"`
		Many []shape.JSON          `json:"many"`
		Some map[string]shape.JSON `json:"some"`
		Not  *shape.JSON           `json:"not,omitempty"`
	}
	lasting struct {
		For  time.Duration            `json:"for"`
		Each map[string]time.Duration `json:"each"`
		Any  any                      `json:"any"`
	}
	tree struct {
		Kids  []tree          `json:"kids"`
		Named map[string]tree `json:"named"`
	}
	lists   []lists
	refused struct {
		A int      `json:"a"`
		C chan int `json:"c"`
	}
	mistaken struct {
		A int `json:"a,omitEmpty"`
	}
	unfit struct{ private int }
	zero  int
	level int
	own   []int
)

func (z zero) IsZero() bool { return z == 7 }

func (l level) MarshalText() ([]byte, error) { return []byte{'a' + byte(l&7)}, nil }
func (l *level) UnmarshalText(b []byte) error {
	if len(b) != 1 {
		return errLevel
	}
	*l = level(b[0] - 'a')
	return nil
}

func (o own) MarshalJSON() ([]byte, error) { return json.Marshal(len(o)) }
func (o *own) UnmarshalJSON(b []byte) error {
	var n uint8
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*o = make(own, n)
	return nil
}

var errLevel = errors.New("a level is one letter")

// wire is like what package endpoint writes with.
var wire = json.WithMarshalers(json.MarshalFunc(func(d time.Duration) ([]byte, error) {
	return json.Marshal(d.String())
}))

// lenient is how a decoder reads.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// A subject is a type that is put beside the library.
type subject struct {
	name   string
	of     reflect.Type
	decode func(src []byte) (got, want any, gotErr, wantErr error)
	encode func(v reflect.Value) (got, want []byte, gotErr, wantErr error)
}

func of[T any]() subject {
	decoder, encoder := codec.NewDecoder[T](), codec.NewEncoder[T](wire)
	return subject{
		name: reflect.TypeFor[T]().String(), of: reflect.TypeFor[T](),
		decode: func(src []byte) (any, any, error, error) {
			got, gotErr := decoder.Decode(src)
			var want T
			wantErr := json.Unmarshal(src, &want, lenient)
			return got, want, gotErr, wantErr
		},
		encode: func(v reflect.Value) ([]byte, []byte, error, error) {
			value, _ := reflect.TypeAssert[T](v) // a nil interface is none
			got, gotErr := encoder.Append([]byte("x"), &value)
			var want bytes.Buffer
			want.WriteString("x")
			wantErr := json.MarshalWrite(&want, value, json.Deterministic(true), wire)
			return got, want.Bytes(), gotErr, wantErr
		},
	}
}

var subjects = []subject{
	of[scalars](), of[*inner](), of[nesting](), of[foreigners](), of[tagged](), of[embedded](), of[competing](),
	of[byPointer](), of[omitting](), of[passing](), of[lasting](), of[tree](), of[lists](), of[refused](),
	of[mistaken](), of[unfit](), of[struct{}](), of[any](), of[string](), of[int8](), of[uint64](), of[float32](),
	of[float64](), of[[]float64](), of[[]any](), of[map[string]string](), of[map[level]int](), of[time.Time](), of[[]time.Time](),
	of[time.Duration](), of[shape.JSON](), of[[]byte](), of[[3]int](), of[chan int](), of[homeView](),
}
