package fault_test

import (
	"regexp"
	"testing"

	"github.com/facet-bff/facet/shared/fault"
)

// The failure table of the house, row by row.
func TestTable(t *testing.T) {
	rows := []struct {
		kind    fault.Kind
		name    string
		status  int
		retry   fault.Retry
		counted bool
	}{
		{fault.Bug, "internal", 500, fault.Never, false},
		{fault.Invalid, "invalid_request", 400, fault.Never, false},
		{fault.Unauthenticated, "unauthenticated", 401, fault.Never, false},
		{fault.Forbidden, "forbidden", 403, fault.Never, false},
		{fault.NoRoute, "not_found", 404, fault.Never, false},
		{fault.Limited, "rate_limited", 429, fault.Never, false},
		{fault.Shed, "shed", 503, fault.Never, false},
		{fault.Rejected, "rejected", 400, fault.Never, false},
		{fault.Refused, "refused", 502, fault.Never, false},
		{fault.RefusedCaller, "refused_caller", 403, fault.Never, false},
		{fault.Throttled, "throttled", 503, fault.IfSafe, false},
		{fault.Broken, "error", 502, fault.IfSafe, true},
		{fault.Unreachable, "unreachable", 502, fault.Always, true},
		{fault.Unavailable, "unavailable", 503, fault.Never, false},
		{fault.TooSlow, "timeout", 504, fault.IfSafe, true},
		{fault.Gone, "canceled", fault.StatusClientGone, fault.Never, false},
	}
	// A token of RFC 9651 that is also a URN's name-specific string and a metric's label.
	token := regexp.MustCompile(`^[a-z][a-z_]*$`)
	seen := make(map[string]bool)
	for i, row := range rows {
		k := row.kind
		if int(k) != i {
			t.Errorf("the row of %v is missing or stands elsewhere", fault.Kind(i))
		}
		if k.String() != row.name || k.Retry() != row.retry || k.Counted() != row.counted {
			t.Errorf("%s: got %v, retry %d, counted %v", row.name, k, k.Retry(), k.Counted())
		}
		if got := (&fault.Error{Kind: k}).HTTPStatus(); got != row.status {
			t.Errorf("%s: status %d, want %d", row.name, got, row.status)
		}
		if !token.MatchString(k.String()) || seen[k.String()] {
			t.Errorf("%q is no token, or that of two kinds", k)
		}
		seen[k.String()] = true
	}
}

func TestFromStatus(t *testing.T) {
	type want struct {
		kind    fault.Kind
		exposed int
	}
	special := map[int]want{
		400: {fault.Rejected, 400}, 404: {fault.Rejected, 404}, 409: {fault.Rejected, 409}, 422: {fault.Rejected, 422},
		408: {fault.TooSlow, 0}, 429: {fault.Throttled, 0},
	}
	general := func(status int, asCaller bool) want {
		w, ok := special[status]
		switch {
		case ok:
			return w
		case asCaller && (status == 401 || status == 403):
			return want{fault.RefusedCaller, status}
		case status/100 == 4:
			return want{fault.Refused, 0}
		}
		return want{fault.Broken, 0}
	}
	for status := 300; status <= 599; status++ {
		for _, asCaller := range []bool{false, true} {
			kind, exposed := fault.FromStatus(status, asCaller)
			if got := (want{kind, exposed}); got != general(status, asCaller) {
				t.Errorf("%d (as caller: %v): %v, %d", status, asCaller, kind, exposed)
			}
			if status >= 500 && !kind.Counted() {
				t.Errorf("%d does not count against the service", status)
			}
		}
	}
}
