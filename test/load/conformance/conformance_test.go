package conformance

import (
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The least that conforms to S3 is a proxy in front of the composed answer.
func TestCheck(t *testing.T) {
	b := Start(t)
	target := &url.URL{Scheme: "http", Host: "any.example:1", Path: "/composed/42"}
	gateway := httptest.NewServer(&httputil.ReverseProxy{Transport: b.Transport, Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL = target
	}})
	defer gateway.Close()
	b.Check(t, gateway.URL, []string{"S3"})
}
