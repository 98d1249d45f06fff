package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/facet-bff/facet/shared/fault"
)

func TestFrom(t *testing.T) {
	known := &fault.Error{Kind: fault.Throttled, Service: "catalog"}
	for name, c := range map[string]struct {
		err  error
		kind fault.Kind
		same bool // it is known itself
	}{
		"itself":                   {known, fault.Throttled, true},
		"wrapped":                  {fmt.Errorf("step a: %w", fmt.Errorf("op b: %w", known)), fault.Throttled, true},
		"joined":                   {errors.Join(io.EOF, known), fault.Throttled, true},
		"joined with a context's":  {errors.Join(context.Canceled, known), fault.Throttled, true},
		"deadline":                 {context.DeadlineExceeded, fault.TooSlow, false},
		"wrapped deadline":         {fmt.Errorf("read: %w", context.DeadlineExceeded), fault.TooSlow, false},
		"cancelled":                {context.Canceled, fault.Gone, false},
		"joined context errors":    {errors.Join(context.Canceled, context.DeadlineExceeded), fault.TooSlow, false},
		"unknown":                  {io.ErrUnexpectedEOF, fault.Bug, false},
		"a fault around a context": {&fault.Error{Kind: fault.Broken, Err: context.Canceled}, fault.Broken, false},
		"the outer of two":         {&fault.Error{Kind: fault.Refused, Err: known}, fault.Refused, false},
	} {
		got := fault.From(c.err)
		if got.Kind != c.kind || (got == known) != c.same {
			t.Errorf("%s: got %v", name, got)
		}
		if !errors.Is(c.err, got) && !errors.Is(got, c.err) {
			t.Errorf("%s: the cause is lost", name)
		}
	}
	if fault.From(nil) != nil {
		t.Error("nil is no failure")
	}
}

func TestErrorText(t *testing.T) {
	for want, e := range map[string]*fault.Error{
		"internal":                                     {},
		"catalog.product: error: EOF":                  {Kind: fault.Broken, Service: "catalog", Op: "product", Err: io.EOF},
		"catalog: unavailable: a service is down":      {Kind: fault.Unavailable, Service: "catalog", Detail: "a service is down"},
		"rejected 404":                                 {Kind: fault.Rejected, Status: 404},
		"invalid_request 413: the cause, not a detail": {Kind: fault.Invalid, Status: 413, Detail: "x", Err: errors.New("the cause, not a detail")},
	} {
		if e.Error() != want {
			t.Errorf("got %q, want %q", e.Error(), want)
		}
	}
}

func TestUnwrap(t *testing.T) {
	if !errors.Is(&fault.Error{Kind: fault.Broken, Err: io.EOF}, io.EOF) {
		t.Error("the cause is hidden")
	}
}

func TestRejections(t *testing.T) {
	absent := fault.NotFound(io.EOF)
	if absent.HTTPStatus() != 404 || absent.Kind != fault.Rejected || !errors.Is(absent, io.EOF) || absent.Detail != "" {
		t.Errorf("NotFound: %+v", absent)
	}
	conflict := fault.Conflict("the cart is empty")
	if conflict.HTTPStatus() != 409 || conflict.Kind != fault.Rejected || conflict.Detail != "the cart is empty" {
		t.Errorf("Conflict: %+v", conflict)
	}
}
