package rest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// MaxBody is the largest request body, in bytes, that the services read.
const MaxBody = 1 << 20

// Read decodes the JSON body into v; unknown members, trailing data and bodies past
// [MaxBody] are refused.
func Read(w http.ResponseWriter, r *http.Request, v any) error {
	body := http.MaxBytesReader(w, r.Body, MaxBody)
	if err := json.UnmarshalRead(body, v, json.RejectUnknownMembers(true)); err != nil {
		return BadRequest("body: %v", err)
	}
	return nil
}

// Window is the part of a list that a client asks for.
type Window struct{ Offset, Limit int }

// ReadWindow reads offset (default 0) and limit (default and maximum as given).
func ReadWindow(q url.Values, limit, maximum int) (Window, error) {
	offset, err := number(q, "offset", 0)
	if err != nil {
		return Window{}, err
	}
	limit, err = number(q, "limit", limit)
	if err != nil {
		return Window{}, err
	}
	if limit > maximum {
		return Window{}, BadRequest("limit is %d, at most %d are served", limit, maximum)
	}
	return Window{offset, limit}, nil
}

func number(q url.Values, name string, absent int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, BadRequest("%s is %q, want a number of at least 0", name, text)
	}
	return n, nil
}

// Cut returns the window's part of list; past its end that is nothing.
func Cut[T any](list []T, w Window) []T {
	from := min(w.Offset, len(list))
	return list[from:min(from+w.Limit, len(list))]
}

// ReadIDs reads a batch of 1 to 100 ids from a parameter that separates them by commas.
func ReadIDs(q url.Values, name string) ([]string, error) {
	if q.Get(name) == "" {
		return nil, BadRequest("parameter %s is missing", name)
	}
	return Batch(name, strings.Split(q.Get(name), ","))
}

// Batch refuses more ids than one read may ask for.
func Batch(name string, ids []string) ([]string, error) {
	const most = 100
	if len(ids) > most {
		return nil, BadRequest("%s names %d ids, at most %d are served", name, len(ids), most)
	}
	return ids, nil
}
