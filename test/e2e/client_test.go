package e2e_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// client neither follows redirects nor unpacks what is compressed.
var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 256},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       30 * time.Second,
}

// An answer is a response that has been read.
type answer struct {
	status int
	header http.Header
	body   string
	took   time.Duration
	last   bool // the server closes the connection
}

// An option adds to a request.
type option func(*http.Request)

func header(name, value string) option {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

func bearer(token string) option { return header("Authorization", "Bearer "+token) }

func jsonBody(body string) option {
	return func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Type", "application/json")
	}
}

// try sends one request. It may be called from any goroutine.
func try(method, address string, options ...option) (answer, error) {
	r, err := http.NewRequest(method, address, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	for _, o := range options {
		o(r)
	}
	began := time.Now()
	response, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(body), time.Since(began), response.Close}, err
}

// send is try for a request that must be answered.
func send(t *testing.T, method, address string, options ...option) answer {
	t.Helper()
	a, err := try(method, address, options...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func get(t *testing.T, address string, options ...option) answer {
	t.Helper()
	return send(t, http.MethodGet, address, options...)
}

// ok is get for a request that must succeed, and not be degraded.
func ok(t *testing.T, address string, options ...option) answer {
	t.Helper()
	a := get(t, address, options...)
	if a.status != 200 || a.degraded() != "" {
		t.Fatalf("GET %s: status %d, degraded %q\n%.500s", address, a.status, a.degraded(), a.body)
	}
	return a
}

func (a answer) degraded() string { return a.header.Get("Facet-Degraded") }

// object is the body, which must be a JSON object.
func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(a.body), &object); err != nil {
		t.Fatalf("status %d, not an object: %v\n%.500s", a.status, err, a.body)
	}
	return object
}

// A problem is the body of every error (RFC 9457).
type problem struct {
	Type, Title, Detail, Instance string
	Status                        int
	Errors                        []wrong
}

type wrong struct{ In, Pointer, Name, Detail string }

// place is where in the request something is wrong, as "query limit" or "body /quantity".
func (w wrong) place() string { return w.In + " " + w.Name + w.Pointer }

// problem is the body, which must be a problem of the response's own status.
func (a answer) problem(t *testing.T) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal([]byte(a.body), &p, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatalf("status %d, not a problem: %v\n%.500s", a.status, err, a.body)
	}
	if kind := a.header.Get("Content-Type"); kind != "application/problem+json" || p.Status != a.status || p.Title == "" || p.Type == "" {
		t.Errorf("status %d, %s: %+v", a.status, kind, p)
	}
	return p
}

// at follows a path such as "feed.0.sku" through JSON; nil where it leads nowhere.
func at(v any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			if step != "0" || len(in) == 0 {
				return nil
			}
			v = in[0]
		default:
			return nil
		}
	}
	return v
}

// token asks the identity provider for one: user=u1&scope=orders:write.
func token(t *testing.T, query string) string {
	t.Helper()
	if _, err := url.ParseQuery(query); err != nil {
		t.Fatal(err)
	}
	a := get(t, layout.URL("idp")+"/demo/token?"+query)
	if a.status != 200 {
		t.Fatalf("token: status %d: %s", a.status, a.body)
	}
	return a.body
}

// as is a request of a user with a token of their own.
func as(t *testing.T, query string) option {
	t.Helper()
	return bearer(token(t, query))
}
