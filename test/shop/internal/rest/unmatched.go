package rest

import (
	"net/http"
	"strings"
)

// Unmatched serves mux, whose own plain-text 404 and 405 it turns into JSON.
func Unmatched(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		refused := &statusOnly{ResponseWriter: w}
		mux.ServeHTTP(refused, r)
		SendError(w, refused.status, strings.ToLower(http.StatusText(refused.status)))
	})
}

// statusOnly keeps the status and drops the body; headers (Allow) pass.
type statusOnly struct {
	http.ResponseWriter
	status int
}

func (s *statusOnly) WriteHeader(status int)      { s.status = status }
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
