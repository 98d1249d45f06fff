package chaos_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/test/shop/faults"
)

var client = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64}, Timeout: 10 * time.Second}

// An answer is what a client got, as far as it came.
type answer struct {
	status   int // 0: nothing
	header   http.Header
	body     []byte
	degraded string
	begun    time.Duration // until the head was there
	took     time.Duration
	cut      bool // it broke off
}

// patience is how long a client waits for more of a body, and how much of it it takes.
const (
	patience = 500 * time.Millisecond
	appetite = 2 << 20
)

// ask sends a request, with pairs of header fields besides, and reads as much of the answer as a
// client with a limit would.
func ask(method, url, token, body string, header ...string) answer {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for pair := range slices.Chunk(header, 2) {
		request.Header.Set(pair[0], pair[1])
	}
	began := time.Now()
	response, err := client.Do(request)
	a := answer{begun: time.Since(began)}
	if a.took = a.begun; err != nil {
		a.cut = true
		return a
	}
	defer response.Body.Close()
	enough := time.AfterFunc(patience, cancel)
	defer enough.Stop()
	a.body, err = io.ReadAll(io.LimitReader(response.Body, appetite))
	a.cut = err != nil && ctx.Err() == nil // and not the client itself had enough
	a.status, a.header, a.took = response.StatusCode, response.Header, time.Since(began)
	a.degraded = a.header.Get("Facet-Degraded")
	return a
}

// members are the names in the answer's object, or nil.
func (a answer) members() []string {
	var object map[string]any
	if json.Unmarshal(a.body, &object) != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(object))
}

// problem reports whether the answer is a problem (RFC 9457) of its own status.
func (a answer) problem() bool {
	var p struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
	}
	return json.Unmarshal(a.body, &p) == nil && a.header.Get("Content-Type") == "application/problem+json" &&
		p.Status == a.status && p.Type != "" && p.Title != ""
}

// leaks is what a client sees of the inside, or nothing.
func (a answer) leaks() string {
	var text strings.Builder
	text.Write(a.body)
	_ = a.header.WriteSubset(&text, map[string]bool{"Server-Timing": true}) // a Builder takes everything
	for _, inside := range []string{faults.InternalHost, "goroutine ", "127.0.0.1", ".go:", "panic", "dial", "x509"} {
		if strings.Contains(text.String(), inside) {
			return inside
		}
	}
	return ""
}

// token asks the identity provider for one.
func token(t *testing.T) string {
	t.Helper()
	return tokenOf(t, "u1")
}

// tokenOf is one of a user who may place orders.
func tokenOf(t *testing.T, user string) string {
	t.Helper()
	a := ask(http.MethodGet, layout.URL("idp")+"/demo/token?scope=orders:write&user="+user, "", "")
	if a.status != http.StatusOK {
		t.Fatalf("token: status %d", a.status)
	}
	return string(a.body)
}
