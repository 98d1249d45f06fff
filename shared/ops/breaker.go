package ops

import (
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/policy"
)

// Breakers are the breakers of a gateway's services; see [services.Running].
type Breakers interface {
	Breakers() []policy.BreakerState
	Force(service, class, state string) error
}

// forcing is the body of PUT /services/{service}/breaker.
type forcing struct {
	State string `json:"state"`
	Class string `json:"class"` // empty: both
}

// maxForcing bounds the body.
const maxForcing = 1 << 10

// force sets a service's breakers, and answers with what they are now.
func (g Gateway) force(w http.ResponseWriter, r *http.Request) {
	var body forcing
	err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, maxForcing), &body, json.RejectUnknownMembers(true))
	if err != nil {
		http.Error(w, `the body must be JSON like {"state":"open"}, with "open", "closed" or "auto", and perhaps "class":"read" or "write"`,
			http.StatusBadRequest)
		return
	}
	service := r.PathValue("service")
	if err := g.Breakers.Force(service, body.Class, body.State); err != nil {
		f := fault.From(err)
		http.Error(w, f.Detail, f.HTTPStatus())
		return
	}
	g.Log.Warn("an operator has set a breaker", "service", service, "class", body.Class, "state", body.State)
	var now []policy.BreakerState
	for _, b := range g.Breakers.Breakers() {
		if b.Service == service {
			now = append(now, b)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.MarshalWrite(w, now)
}
