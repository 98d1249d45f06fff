package fault

import "net/http"

// ProblemType is the media type of a [Problem] (RFC 9457).
const ProblemType = "application/problem+json"

// A Problem is the body of every error response (RFC 9457).
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Instance identifies this occurrence: the request id, as a URN.
	Instance string  `json:"instance,omitempty"`
	Errors   []Field `json:"errors,omitempty"`
}

// Problem is what the client is told. It has nothing of the cause: no backend's text,
// no host, no stack.
func (e *Error) Problem(requestID string) Problem {
	p := Problem{
		Type:   "urn:facet:problem:" + e.Kind.String(),
		Title:  table[e.Kind].title,
		Status: e.HTTPStatus(),
		Detail: e.Detail,
		Errors: e.Fields,
	}
	switch e.Kind {
	case Invalid, Rejected, RefusedCaller: // kinds of more than one status
		p.Title = http.StatusText(p.Status)
	}
	if requestID != "" {
		p.Instance = "urn:facet:request:" + requestID
	}
	return p
}
