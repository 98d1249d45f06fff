package faults

import (
	"net/http"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

// Control serves the control API over a set of faults and the counted calls.
func Control(set *Set, calls *Calls) http.Handler {
	c := control{set, calls}
	return rest.Unmatched(rest.Routes{
		"GET /healthz":             rest.Healthy,
		"GET /faults":              c.faults,
		"PUT /faults/{service}":    c.put,
		"DELETE /faults":           c.clear,
		"DELETE /faults/{service}": c.clear,
		"GET /calls":               c.report,
		"DELETE /calls":            c.forget,
	}.Mux())
}

type control struct {
	set   *Set
	calls *Calls
}

func (c control) faults(w http.ResponseWriter, _ *http.Request) error {
	return rest.Send(w, http.StatusOK, map[string]any{"faults": c.set.all()})
}

func (c control) put(w http.ResponseWriter, r *http.Request) error {
	var fault Fault
	if err := rest.Read(w, r, &fault); err != nil {
		return err
	}
	if err := fault.check(); err != nil {
		return rest.BadRequest("%v", err)
	}
	if err := c.set.put(r.PathValue("service"), fault); err != nil {
		return rest.NotFound("service", r.PathValue("service"))
	}
	return c.faults(w, r)
}

func (c control) clear(w http.ResponseWriter, r *http.Request) error {
	service := r.PathValue("service")
	if service == "" {
		service = "all"
	}
	if err := c.set.put(service, Fault{}); err != nil {
		return rest.NotFound("service", service)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (c control) report(w http.ResponseWriter, _ *http.Request) error {
	return rest.Send(w, http.StatusOK, c.calls.report())
}

func (c control) forget(w http.ResponseWriter, _ *http.Request) error {
	c.calls.reset()
	w.WriteHeader(http.StatusNoContent)
	return nil
}
