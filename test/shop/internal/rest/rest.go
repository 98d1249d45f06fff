// Package rest is how the demo's services speak JSON over HTTP: handlers that return
// errors, one error body ({"error":"..."}), strict reading of bodies and parameters.
package rest

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/go-json-experiment/json"
)

// Routes are the endpoints of one service by [http.ServeMux] pattern.
type Routes map[string]Handler

// Mux returns a new mux that serves the routes.
func (routes Routes) Mux() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, h := range routes {
		mux.Handle(pattern, h)
	}
	return mux
}

// Handler serves a request, or returns an error before it has written anything. An
// [*Error] becomes its status; any other error is a bug and becomes a 500.
type Handler func(w http.ResponseWriter, r *http.Request) error

func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := h(w, r)
	if err == nil {
		return
	}
	refusal, ok := errors.AsType[*Error](err)
	if !ok {
		slog.ErrorContext(r.Context(), "request failed", "url", r.URL.Path, "error", err)
		refusal = &Error{Status: http.StatusInternalServerError, Message: "internal error"}
	}
	SendError(w, refusal.Status, refusal.Message)
}

// Send writes v as JSON. Its error is v's: a value that JSON cannot express.
func Send(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("encode %T: %w", v, err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails only when the client has left
	return nil
}

// SendError writes the error body that all services share.
func SendError(w http.ResponseWriter, status int, message string) {
	_ = Send(w, status, struct {
		Error string `json:"error"`
	}{message}) // a string always encodes
}

// Healthy answers GET /healthz of a service that runs.
func Healthy(w http.ResponseWriter, _ *http.Request) error {
	return Send(w, http.StatusOK, map[string]string{"status": "ok"})
}

// Error is a refusal that the client caused and may read.
type Error struct {
	Status  int
	Message string
}

func (e *Error) Error() string { return e.Message }

// NotFound says that there is no such thing, as in "no product p9".
func NotFound(kind, id string) error {
	return &Error{http.StatusNotFound, fmt.Sprintf("no %s %q", kind, id)}
}

// BadRequest says that the request cannot be read.
func BadRequest(format string, args ...any) error {
	return &Error{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// Unprocessable says that the request was read but asks for something impossible.
func Unprocessable(format string, args ...any) error {
	return &Error{http.StatusUnprocessableEntity, fmt.Sprintf(format, args...)}
}
