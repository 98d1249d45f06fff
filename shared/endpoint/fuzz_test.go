package endpoint

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// FuzzBody holds decoding against what json/v2 makes of the same bytes when it is strict:
// a body is either refused, with a reason that has a place, or read as json/v2 reads it.
func FuzzBody(f *testing.F) {
	type member struct {
		base
		Name string             `json:"name"`
		Next *member            `json:"next"`
		Any  any                `json:"a/~b"`
		Map  map[string]*member `json:"map"`
	}
	type input struct {
		base
		Members []member     `json:"members"`
		Count   int8         `json:"count"`
		Size    uint64       `json:"size"`
		Ratio   *float32     `json:"ratio"`
		At      time.Time    `json:"at"`
		Bytes   []byte       `json:"bytes"`
		Pair    [2]bool      `json:"pair"`
		Keys    map[int]bool `json:"keys"`
		Label   string       `json:"label,omitzero"`
	}
	for _, seed := range []string{
		`{}`, ``, `null`, `[]`, `{"count":127,"size":18446744073709551615,"ratio":-0.5e2,"pair":[true,false],"keys":{"-1":true}}`,
		`{"source":"x","members":[{"name":"\u00e9","next":{"next":null},"a/~b":[{"x":1}],"map":{"":{"source":"y"}}}]}`,
		`{"at":"2026-01-02T03:04:05.6Z","bytes":"AQI=","label":"a"} `, `{"count":1,"count":2}`, `{"COUNT":1}`, `{} {}`,
		"{\"label\":\"\xff\"}", `{"members":[{"members":1}]}`, `{"count":128}`, `{"ratio":1e99}`, `{"pair":[true]}`, `{"keys":{"x":true}}`,
	} {
		f.Add([]byte(seed))
	}
	var fields []reflect.StructField
	for _, field := range reflect.VisibleFields(reflect.TypeFor[input]()) {
		if !field.Anonymous {
			fields = append(fields, field)
		}
	}
	b, err := newBody(fields)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got, want input
		wrong := b.unmarshal(data, 100, reflect.ValueOf(&got).Elem())
		err := json.Unmarshal(data, &want, json.RejectUnknownMembers(true))
		switch {
		case len(wrong) == 0 && (err != nil || !reflect.DeepEqual(got, want)):
			t.Fatalf("%q: got %+v; json/v2 says %+v, %v", data, got, want, err)
		case len(wrong) > 0 && !reflect.DeepEqual(got, input{}):
			t.Fatalf("%q: refused, and yet there is %+v", data, got)
		case len(wrong) > 0 && err == nil && !strings.Contains(string(data), "null"):
			t.Fatalf("%q: json/v2 takes it, and here it is %+v", data, wrong)
		}
		for _, w := range wrong {
			if w.In != "body" || w.Detail == "" || w.Pointer != "" && w.Pointer[0] != '/' || len(w.Pointer) > maxPointer {
				t.Fatalf("%q: %+v", data, w)
			}
		}
	})
}
