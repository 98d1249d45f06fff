package fault

import "net/http"

// NotFound is a step's way to say that what was asked for is not there, or not the
// caller's to see. The cause goes to the log only.
func NotFound(cause error) *Error {
	return &Error{Kind: Rejected, Status: http.StatusNotFound, Err: cause}
}

// Conflict is a step's way to say that what was asked for cannot be done as things
// stand. The client is told the detail.
func Conflict(detail string) *Error {
	return &Error{Kind: Rejected, Status: http.StatusConflict, Detail: detail}
}
