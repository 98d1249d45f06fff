package facettest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
)

// Args are what a stub is asked.
type Args struct{ r *http.Request }

// Path is a parameter of the stub's pattern.
func (a Args) Path(name string) string { return a.r.PathValue(name) }

// Query is a query parameter; empty when it is absent.
func (a Args) Query(name string) string { return a.r.URL.Query().Get(name) }

// List is a query parameter that is given several times or separated by commas.
func (a Args) List(name string) []string {
	var list []string
	for _, value := range a.r.URL.Query()[name] {
		list = append(list, strings.Split(value, ",")...)
	}
	return list
}

// Decode reads the body as JSON into v.
func (a Args) Decode(v any) error {
	if err := json.UnmarshalRead(a.r.Body, v); err != nil {
		return Status(http.StatusBadRequest)
	}
	return nil
}

// Status, as a stub's error, is the status that it answers with.
type Status int //nolint:errname // the error that a stub returns is that status

// Error names the status.
func (s Status) Error() string { return fmt.Sprintf("status %d", int(s)) }

// Stub answers a service's calls that match a pattern (net/http's: "GET /users/{id}")
// with the JSON of what reply returns.
func (k *Kit) Stub(service, pattern string, reply func(Args) (any, error)) {
	k.network.service(service).mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		value, err := reply(Args{r})
		if err != nil {
			status, ok := errors.AsType[Status](err)
			if !ok {
				status = http.StatusInternalServerError
			}
			http.Error(w, Leak, int(status))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.MarshalWrite(w, value)
	})
}
