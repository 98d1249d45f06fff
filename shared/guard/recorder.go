package guard

import (
	"maps"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/idempotency"
)

// A recorder holds an answer back until it is sent. One that becomes too large is sent as it
// comes from then on.
type recorder struct {
	http.ResponseWriter
	most int

	status  int // 0: there is no answer
	body    []byte
	through bool // it is sent as it comes
}

// keptHeaders are those of an answer that mean the same when it is given again.
var keptHeaders = []string{
	"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length", "Content-Location",
	"Content-Type", "Etag", "Facet-Degraded", "Last-Modified", "Link", "Location", "Vary",
}

func (r *recorder) WriteHeader(status int) {
	if r.through || status < 200 { // what only announces an answer
		r.ResponseWriter.WriteHeader(status)
		return
	}
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if !r.through && len(r.body)+len(p) > r.most {
		r.send()
	}
	if r.through {
		return r.ResponseWriter.Write(p)
	}
	r.body = append(r.body, p...)
	return len(p), nil
}

// FlushError keeps back what is held back.
func (r *recorder) FlushError() error {
	if r.through {
		return http.NewResponseController(r.ResponseWriter).Flush()
	}
	return nil
}

// Flush is FlushError for those who know only that.
func (r *recorder) Flush() { _ = r.FlushError() }

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// send sends what has been held back. It is called twice for an answer that is too large.
func (r *recorder) send() {
	if r.through || r.status == 0 {
		return
	}
	r.through = true
	r.ResponseWriter.WriteHeader(r.status)
	_, _ = r.ResponseWriter.Write(r.body) // the client went away, and asks again
}

// final reports a status that says what has become of a write. Whoever is told to come back, to
// log in or that something has failed may try the same write again.
func final(status int) bool {
	if status < http.StatusBadRequest {
		return true
	}
	kind, _ := fault.FromStatus(status, true)
	return kind == fault.Rejected
}

// takeBack makes room for a failure in the place of what is held back, which had these headers
// before it.
func (r *recorder) takeBack(response *echo.Response, before http.Header) {
	if r.through {
		return
	}
	response.Committed, response.Status, response.Size = false, http.StatusOK, 0
	clear(response.Header())
	maps.Copy(response.Header(), before)
}

// answer is what is to be kept of the outcome; nil is nothing.
func (r *recorder) answer(err error) *idempotency.Answer {
	if err != nil {
		if f := fault.From(err); f.Kind == fault.Rejected {
			return &idempotency.Answer{Refused: &idempotency.Refusal{Status: f.HTTPStatus(), Detail: f.Detail, Fields: f.Fields}}
		}
		return nil
	}
	switch {
	case r.status == 0 || !final(r.status):
		return nil
	case r.through:
		return &idempotency.Answer{TooLarge: true}
	}
	a := &idempotency.Answer{Status: r.status, Body: r.body, Header: http.Header{}}
	for _, name := range keptHeaders {
		if values := r.Header()[name]; values != nil {
			a.Header[name] = values
		}
	}
	return a
}
