package backend

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/facet-bff/facet/shared/fault"
)

// statusFault is the failure that an answer's status means, or nil.
func statusFault(req *Request, status int, header http.Header) *fault.Error {
	if status >= 200 && status < 300 || req.Stream && status < 500 || status == http.StatusNotModified && conditional(req) {
		return nil
	}
	return (&StatusError{Status: status, Header: header}).Fault(req)
}

// conditional reports whether the request asks for news only.
func conditional(req *Request) bool {
	return req.Header["If-None-Match"] != nil || req.Header["If-Modified-Since"] != nil
}

// A StatusError is an answer whose status means failure, without its body.
type StatusError struct {
	Status int
	Header http.Header
}

func (e *StatusError) Error() string { return fmt.Sprintf("status %d", e.Status) }

// Fault is the failure that such an answer to req is.
func (e *StatusError) Fault(req *Request) *fault.Error {
	kind, exposed := fault.FromStatus(e.Status, req.Caller != "")
	return &fault.Error{Kind: kind, Status: exposed, RetryAfter: retryAfter(e.Header), Err: e}
}

// isRead reports the headers of a complete answer that somebody reads: when to come back, and
// what RFC 9111 has a cache look at. Others would only cost, in each answer.
func isRead(name string) bool {
	switch name {
	case "Retry-After",
		"Cache-Control", "Expires", "Age", "Vary", "Pragma", "Set-Cookie",
		"Etag", "Last-Modified", "Location", "Content-Location", "Content-Encoding":
		return true
	}
	return false
}

// longestRetryAfter is the most that is believed of a Retry-After.
const longestRetryAfter = 24 * time.Hour

// retryAfter reads Retry-After in seconds or as a date (RFC 9110, 10.2.3).
func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(v, 10, 64); err == nil {
		return time.Duration(min(max(0, seconds), int64(longestRetryAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(max(0, time.Until(at)), longestRetryAfter)
	}
	return 0
}

// believed is how much memory there is for a body that is only announced.
const believed = 1 << 20

// readAll reads at most limit bytes; more is the service's failure, not our memory.
func readAll(body io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, tooLarge(limit)
	}
	buf := bytes.NewBuffer(make([]byte, 0, min(max(size, 512), believed)+bytes.MinRead))
	n, err := buf.ReadFrom(io.LimitReader(body, limit+1))
	if err == nil && n > limit {
		err = tooLarge(limit)
	}
	return buf.Bytes(), err
}

func tooLarge(limit int64) error {
	return &fault.Error{Kind: fault.Broken, Err: fmt.Errorf("the answer is larger than %d bytes (connections.max_response)", limit)}
}

// soon is how long the rest of a failure's body is waited for, which nobody reads.
const soon = 20 * time.Millisecond

// drain makes the connection usable again when little is left to read.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 4<<10)
	_ = body.Close()
}
