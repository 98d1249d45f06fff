package endpoint

import (
	"reflect"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// wire is how JSON is read and written beyond the rules of json/v2, which leave open
// what a duration is. Here it is what it is in a configuration and in a query: "1m30s".
var wire = json.JoinOptions(
	json.Deterministic(true),
	json.WithMarshalers(json.MarshalFunc(func(d time.Duration) ([]byte, error) {
		return json.Marshal(d.String())
	})),
	json.WithUnmarshalers(json.UnmarshalFunc(func(data []byte, d *time.Duration) error {
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		return setDuration(reflect.ValueOf(d).Elem(), s)
	})),
)

// printable writes what is no UTF-8 as if it were, rather than to write nothing.
var printable = jsontext.AllowInvalidUTF8(true)
