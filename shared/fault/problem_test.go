package fault_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/shared/fault"
)

const secret = "pq: password authentication failed at db-7.internal:5432"

// Every kind: what is meant for the log stays there.
func TestProblemCarriesNothingOfTheCause(t *testing.T) {
	for kind := fault.Bug; kind <= fault.Gone; kind++ {
		e := &fault.Error{Kind: kind, Service: "hidden-service", Op: "hidden-op", Err: errors.New(secret)}
		body, err := json.Marshal(e.Problem("r1"))
		if err != nil {
			t.Fatal(err)
		}
		for _, leak := range []string{secret, "db-7", "hidden"} {
			if strings.Contains(string(body), leak) {
				t.Errorf("%v tells %q: %s", kind, leak, body)
			}
		}
	}
}

func TestProblem(t *testing.T) {
	fields := []fault.Field{{In: "query", Name: "limit", Detail: "must be at most 50"}}
	for name, c := range map[string]struct {
		err  fault.Error
		id   string
		want fault.Problem
	}{
		"invalid": {
			fault.Error{Kind: fault.Invalid, Fields: fields}, "r1",
			fault.Problem{
				Type: "urn:facet:problem:invalid_request", Title: "Bad Request", Status: 400,
				Instance: "urn:facet:request:r1", Errors: fields,
			},
		},
		"too large": {
			fault.Error{Kind: fault.Invalid, Status: 413, Detail: "The body must be at most 10 bytes."}, "",
			fault.Problem{
				Type: "urn:facet:problem:invalid_request", Title: "Request Entity Too Large", Status: 413,
				Detail: "The body must be at most 10 bytes.",
			},
		},
		"rejected": {
			*fault.Conflict("the cart is empty"), "",
			fault.Problem{Type: "urn:facet:problem:rejected", Title: "Conflict", Status: 409, Detail: "the cart is empty"},
		},
		"rejected by a backend": {
			fault.Error{Kind: fault.Rejected, Status: 404, Err: errors.New(secret)}, "",
			fault.Problem{Type: "urn:facet:problem:rejected", Title: "Not Found", Status: 404},
		},
		"the caller's credentials": {
			fault.Error{Kind: fault.RefusedCaller, Status: 401}, "",
			fault.Problem{Type: "urn:facet:problem:refused_caller", Title: "Unauthorized", Status: 401},
		},
		"of one status": {
			fault.Error{Kind: fault.TooSlow}, "r2",
			fault.Problem{
				Type: "urn:facet:problem:timeout", Title: "A backend was too slow", Status: 504, Instance: "urn:facet:request:r2",
			},
		},
	} {
		if got := c.err.Problem(c.id); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}
