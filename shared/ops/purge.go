package ops

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/shared/cache"
)

// A purgeRequest is what POST /cache/purge takes: a cache.Purge, or one service by itself.
type purgeRequest struct {
	cache.Purge `json:",inline"`

	Service string `json:"service,omitempty"`
}

// A purged purge says what was done.
type purged struct {
	Purged cache.Purge `json:"purged"`
	// Replicas is "told" when all know, or "later" when those that cannot be reached will be
	// told as soon as they can.
	Replicas string `json:"replicas"`
}

// purge makes the caches forget.
func (g Gateway) purge(w http.ResponseWriter, r *http.Request) {
	var p purgeRequest
	err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, 1<<20), &p, json.RejectUnknownMembers(true))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			http.Error(w, "the body is too large; purge by service, or all", http.StatusBadRequest)
			return
		}
		where := ""
		if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
			where = fmt.Sprintf("; %s is none of them, or not what it should be", semantic.JSONPointer)
		}
		http.Error(w, `the body must be JSON with some of "tags", "services", "service", "paths" and "all"`+where, http.StatusBadRequest)
		return
	}
	if p.Service != "" {
		p.Services = append(p.Services, p.Service)
	}
	told, err := g.Purge(r.Context(), p.Purge)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	done := purged{Purged: p.Purge, Replicas: "told"}
	if !told {
		done.Replicas = "later"
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.MarshalWrite(w, done)
}
