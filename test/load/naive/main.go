// Naive is the gateway that a team writes by hand: echo, errgroup, one http.Client, and
// structs for encoding/json, which filter by what they name. It is the yardstick of the
// load test, so it is neither tuned nor neglected. It has what such gateways usually have:
// panics are caught, calls have a timeout, idle connections are kept.
package main

import (
	"flag"
	"log"
	"net/http"
	"net/http/httputil"
	_ "net/http/pprof" // served beside everything else, as in many a gateway
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:18110", "the `address` to listen on")
	keys := flag.String("keys", "", "a `directory` with the public keys of the token issuer; none accepts no token")
	idle := flag.Int("idle", 256, "idle connections to keep to each service; 0 is net/http's default of 2")
	flag.Parse()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if *idle > 0 {
		transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 0, *idle
	}
	e, err := newGateway(transport, *keys)
	if err != nil {
		log.Fatal(err)
	}
	e.GET("/debug/pprof/*", echo.WrapHandler(http.DefaultServeMux))
	log.Fatal(e.Start(*addr))
}

func newGateway(transport http.RoundTripper, keys string) (*echo.Echo, error) {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(middleware.Recover())
	b := &backends{client: &http.Client{Transport: transport, Timeout: 5 * time.Second}}
	e.GET("/s0", func(c echo.Context) error { return c.JSON(http.StatusOK, struct{}{}) })
	e.GET("/s1/*", passThrough(transport, "/s1"))
	for _, timing := range []string{"", "/d5", "/t5"} {
		e.GET(timing+"/s2/home/:id", b.serveHome(timing))
	}
	e.GET("/s3/home/:id", b.serveCached())
	e.GET("/s8/*", passThrough(transport, "/s8"))
	e.GET("/s9/pages/:kb/:id", b.servePage)
	e.GET("/s6/profile/:id", b.serveProfile)
	for _, n := range []int{1, 2, 4, 8, 16, 32} {
		e.GET(fanPath(n), b.serveFan(n))
	}
	e.GET("/s5/*", passThrough(transport, "/s5"), middleware.RateLimiter(middleware.NewRateLimiterMemoryStoreWithConfig(
		middleware.RateLimiterMemoryStoreConfig{Rate: 1e6, Burst: 1e6})))
	if keys == "" {
		return e, nil
	}
	authenticated, err := authenticate(keys)
	if err == nil {
		e.GET("/s4/*", passThrough(transport, "/s4"), authenticated)
	}
	return e, err
}

func passThrough(transport http.RoundTripper, prefix string) echo.HandlerFunc {
	users := &url.URL{Scheme: "http", Host: "127.0.0.1:19501"}
	return echo.WrapHandler(&httputil.ReverseProxy{Transport: transport, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(users)
		r.Out.URL.Path = strings.Replace(r.In.URL.Path, prefix, "", 1)
	}})
}
