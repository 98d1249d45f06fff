// Package facettest runs a gateway in a test: whole, from its middleware to its
// connections, against stub services over in-memory HTTP, in fake time.
//
//	func TestHome(t *testing.T) {
//		facettest.Run(t, Gateway, func(k *facettest.Kit) {
//			k.Stub("users", "GET /users/{id}", func(a facettest.Args) (any, error) { ... })
//			k.Break("promotions", facettest.Fault{Status: 503})
//			res := k.Do(facettest.Request{Path: "/v1/home", User: "u1"})
//			k.Golden("home_without_promotions", res)
//		})
//	}
//
// Time is fake (testing/synctest): a fault that delays for a second costs nothing, and
// durations are exact. A Kit belongs to the test that it was made for.
package facettest

import (
	"bytes"
	"cmp"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/gateway"
)

// A Kit is a gateway under test and the stub services around it.
type Kit struct {
	// Gateway is what is tested.
	Gateway *gateway.Gateway
	// T is the test inside the bubble of fake time.
	T *testing.T

	network *network
	issuer  *issuer
	log     *lockedBuffer
}

// An Option adjusts the gateway's configuration before it is built.
type Option func(*gateway.Config)

// Run builds the gateway from its embedded configuration and runs test in a bubble of
// fake time.
func Run[D any](t *testing.T, def gateway.Definition[D], test func(*Kit), options ...Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		config, err := gateway.Load(def, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range options {
			o(config)
		}
		k := &Kit{T: t, network: newNetwork(), log: new(lockedBuffer)}
		if config.Identity != nil {
			k.issuer = newIssuer(t, *config.Identity)
			k.network.handle("identity", k.issuer)
		}
		k.Gateway, err = gateway.New(def, config, gateway.Options{
			Log: k.log,
			RoundTripper: func(service string, _ backend.Connections) http.RoundTripper {
				return k.network.roundTripper(service)
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer k.network.close()
		defer k.Gateway.Close()
		synctest.Wait() // until the keys of the issuer are there
		test(k)
	})
}

// A Request is what a client sends.
type Request struct {
	Method string // empty: GET
	Path   string // with the query
	Header http.Header
	Body   any // sent as JSON; a string or []byte as it is

	// User, Scopes and Roles are what the request's token says. Without a User there
	// is no token.
	User   string
	Scopes []string
	Roles  []string
}

// A Response is what the client got.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	Took   time.Duration // exact, in fake time

	request Request
	calls   []Call
}

// Do sends a request and returns the response, with the calls that it caused.
func (k *Kit) Do(r Request) *Response {
	k.T.Helper()
	k.network.forget()
	request := httptest.NewRequestWithContext(k.T.Context(), cmp.Or(r.Method, http.MethodGet), r.Path, r.body(k.T))
	maps.Copy(request.Header, r.Header)
	if r.Body != nil && request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if r.User != "" {
		request.Header.Set("Authorization", "Bearer "+k.issuer.token(k.T, r))
	}
	recorder := httptest.NewRecorder()
	started := time.Now()
	k.Gateway.Handler().ServeHTTP(recorder, request)
	took := time.Since(started)
	synctest.Wait() // until calls that nobody waits for any more have noticed
	return &Response{
		Status: recorder.Code, Header: recorder.Header(), Body: recorder.Body.Bytes(),
		Took: took, request: r, calls: k.network.recorded(),
	}
}

func (r Request) body(t *testing.T) *bytes.Reader {
	t.Helper()
	switch b := r.Body.(type) {
	case nil:
		return bytes.NewReader(nil)
	case string:
		return bytes.NewReader([]byte(b))
	case []byte:
		return bytes.NewReader(b)
	}
	b, err := json.Marshal(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b)
}

// Calls are the calls to services that the request caused, in order of arrival.
func (r *Response) Calls() []Call { return r.calls }

// Decode reads the body as JSON into v.
func (r *Response) Decode(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(r.Body, v); err != nil {
		t.Fatalf("%v in %s", err, r.Body)
	}
}

// Log is what the gateway has logged so far.
func (k *Kit) Log() string { return k.log.String() }
