package fault

import "net/http"

// A Kind is one row of the failure table.
type Kind uint8

const (
	// Bug is our own mistake: a panic, or an error that nobody gave a kind.
	Bug Kind = iota

	// Invalid, Unauthenticated, Forbidden and NoRoute are the client's mistakes,
	// found before any backend was asked. Invalid may carry any 4xx as its Status.
	Invalid
	Unauthenticated
	Forbidden
	NoRoute
	// Limited is a client that asks more often than the gateway allows.
	Limited
	// Shed is a request that the gateway has no capacity for, or a part of one that it
	// does without to have it.
	Shed

	// Rejected is a backend's 400, 404, 409 or 422: the answer to a question that
	// was understood. Its Status is the backend's.
	Rejected
	// Refused is a backend's 401 or 403 about the gateway's own credentials, or any
	// other 4xx: the gateway asked wrongly, and asking again does not help.
	Refused
	// RefusedCaller is a backend's 401 or 403 about the caller's credentials, which
	// the gateway had forwarded. Its Status is the backend's.
	RefusedCaller
	// Throttled is a backend's 429: it is the gateway that was limited.
	Throttled
	// Broken is a backend's 5xx, an answer that broke off, is too large, or cannot
	// be decoded.
	Broken
	// Unreachable is a backend that no connection could be made to. Nothing was sent.
	Unreachable
	// Unavailable is a call that was not made: the breaker is open, the bulkhead is
	// full, or there is no instance.
	Unavailable
	// TooSlow is a call that did not finish in its time.
	TooSlow
	// Gone is a client that went away, or a call that a failed sibling cancelled.
	Gone

	kinds // how many there are
)

// StatusClientGone is logged for a client that went away; nothing is written.
const StatusClientGone = 499

type row struct {
	name    string // in logs, metrics, problem types and Facet-Degraded
	status  int
	title   string
	retry   Retry
	counted bool
}

// Retry says whether a call may be repeated after a failure: after its RetryAfter, if there
// is one and the caller has that much time.
type Retry uint8

const (
	Never  Retry = iota
	IfSafe       // if the operation may be repeated
	Always       // nothing has happened yet
)

// The failure table. Everything that depends on a kind is read from here.
var table = [kinds]row{
	Bug:             {"internal", http.StatusInternalServerError, "Internal error", Never, false},
	Invalid:         {"invalid_request", http.StatusBadRequest, "The request is not valid", Never, false},
	Unauthenticated: {"unauthenticated", http.StatusUnauthorized, "Authentication is required", Never, false},
	Forbidden:       {"forbidden", http.StatusForbidden, "Not allowed", Never, false},
	NoRoute:         {"not_found", http.StatusNotFound, "There is nothing here", Never, false},
	Limited:         {"rate_limited", http.StatusTooManyRequests, "Too many requests", Never, false},
	Shed:            {"shed", http.StatusServiceUnavailable, "The gateway has too much to do", Never, false},
	Rejected:        {"rejected", http.StatusBadRequest, "The request was refused", Never, false},
	Refused:         {"refused", http.StatusBadGateway, "A backend refused the gateway", Never, false},
	RefusedCaller:   {"refused_caller", http.StatusForbidden, "Not allowed", Never, false},
	Throttled:       {"throttled", http.StatusServiceUnavailable, "A backend is limiting the gateway", IfSafe, false},
	Broken:          {"error", http.StatusBadGateway, "A backend failed", IfSafe, true},
	Unreachable:     {"unreachable", http.StatusBadGateway, "A backend cannot be reached", Always, true},
	Unavailable:     {"unavailable", http.StatusServiceUnavailable, "A backend is not available", Never, false},
	TooSlow:         {"timeout", http.StatusGatewayTimeout, "A backend was too slow", IfSafe, true},
	Gone:            {"canceled", StatusClientGone, "The client went away", Never, false},
}

// String is the kind's name: a token that is safe in a header, a label and a URN.
func (k Kind) String() string { return table[k].name }

// Retry says whether a call that failed like this may be repeated.
func (k Kind) Retry() Retry { return table[k].retry }

// Counted reports whether such a failure counts against the backend in a breaker.
func (k Kind) Counted() bool { return table[k].counted }

// FromStatus is the kind of a backend's answer that is not a success, and the status
// to expose where that is the backend's own (zero: the kind's). asCaller tells whether
// the caller's own credentials were sent.
func FromStatus(status int, asCaller bool) (kind Kind, exposed int) {
	switch status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity:
		return Rejected, status
	case http.StatusUnauthorized, http.StatusForbidden:
		if asCaller {
			return RefusedCaller, status
		}
		return Refused, 0
	case http.StatusTooManyRequests:
		return Throttled, 0
	case http.StatusRequestTimeout:
		return TooSlow, 0
	}
	if status >= 400 && status < 500 {
		return Refused, 0
	}
	return Broken, 0
}
