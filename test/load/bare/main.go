// Bare is what is left of Facet when everything is taken away that makes it a gateway: its
// server, its client and its projection, with a goroutine for each call. There are no request
// ids, metrics, logs, headers, deadlines or checks of requests; when a service fails, so
// does everything. It is no candidate for anybody's production, but says what HTTP itself costs, so
// that the rest can be told.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/facet-bff/facet/shared/serve"
	"github.com/facet-bff/facet/shared/shape"
)

func main() {
	address := flag.String("addr", "127.0.0.1:18112", "the `address` to listen on")
	flag.Parse()
	s := &serve.Server{
		Config: serve.Config{
			Address: *address, HeaderTimeout: 5 * time.Second, BodyTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
			IdleTimeout: 75 * time.Second, MaxHeader: 32 << 10, Drain: serve.Drain{Timeout: time.Second},
		},
		Public: newGateway((&net.Dialer{}).DialContext), Management: http.NotFoundHandler(), Log: slog.New(slog.DiscardHandler),
	}
	public, operators, err := s.Listen("127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := s.Run(ctx, public, operators); err != nil {
		log.Fatal(err) //nolint:gocritic // there is nothing to give back
	}
}

// A gateway answers the scenarios that need neither tokens nor limits.
type gateway struct {
	services services
	kept     atomic.Pointer[[]byte] // the answer of S3, which is about one user
}

func newGateway(dial dialer) http.Handler {
	g := &gateway{services: newServices(dial)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /s0", func(w http.ResponseWriter, r *http.Request) { write(w, r, []byte("{}")) })
	mux.HandleFunc("GET /s1/users/{id}", g.passThrough)
	for _, timing := range []string{"", "/d5"} {
		mux.HandleFunc("GET "+timing+"/s2/home/{id}", func(w http.ResponseWriter, r *http.Request) {
			g.compose(w, r, home(timing, r.PathValue("id")))
		})
	}
	mux.HandleFunc("GET /s3/home/{id}", g.cached)
	for _, n := range []int{1, 2, 4, 8, 16, 32} {
		mux.HandleFunc("GET /s7/"+strconv.Itoa(n)+"/{id}", func(w http.ResponseWriter, r *http.Request) {
			g.compose(w, r, fan(n, r.PathValue("id")))
		})
	}
	return mux
}

// A part is one call, and what is kept of its answer under which name.
type part struct {
	name    string
	service int
	path    string
	keep    *shape.Shape
}

var (
	user = shape.Must(shape.Keep("id", "name", "email", "tier", "avatarUrl",
		"address.city", "address.country", "preferences.locale", "preferences.currency"))
	inventory = shape.Must(shape.Keep("sku", "available", "quantity"))
	product   = shape.Must(shape.Keep("id", "title", "price.amount", "price.currency", "rating", "summary", "images", "brand.name"))
	orders    = shape.Must(shape.Keep("total", "items.id", "items.status", "items.amount", "items.createdAt"))
	item      = shape.Must(shape.Keep("id", "name", "email", "tier", "address.city"))
)

func home(timing, id string) []part {
	return []part{
		{"user", 1, timing + "/users/" + id, user},
		{"inventory", 4, timing + "/inventory/" + id, inventory},
		{"product", 3, timing + "/products/" + id, product},
		{"orders", 2, timing + "/orders/" + id, orders},
	}
}

func fan(n int, id string) []part {
	parts := make([]part, n)
	for i := range parts {
		number := strconv.Itoa(i + 1)
		parts[i] = part{"b" + number, i + 1, "/item/" + number + "/" + id, item}
	}
	return parts
}

func (g *gateway) passThrough(w http.ResponseWriter, r *http.Request) {
	c := calls.Get().(*call)
	defer c.recycle()
	res, err := g.services.get(r.Context(), part{service: 1, path: strings.TrimPrefix(r.URL.Path, "/s1")}, c)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	write(w, r, res)
}

func (g *gateway) compose(w http.ResponseWriter, r *http.Request, parts []part) {
	if body, err := g.services.composed(r.Context(), parts); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	} else {
		write(w, r, *body)
		bodies.Put(body)
	}
}

func (g *gateway) cached(w http.ResponseWriter, r *http.Request) {
	kept := g.kept.Load()
	if kept == nil {
		var err error
		if kept, err = g.services.composed(r.Context(), home("", r.PathValue("id"))); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		g.kept.Store(kept)
	}
	write(w, r, *kept)
}

var isJSON = []string{"application/json"}

func write(w http.ResponseWriter, r *http.Request, body []byte) {
	h := w.Header()
	h["Content-Type"], h["Content-Length"] = isJSON, []string{strconv.Itoa(len(body))}
	serve.Whole(w, r, len(body), func() { _, _ = w.Write(body) })
}

// port is where a service of that number listens.
func port(service int) string { return fmt.Sprintf("127.0.0.1:%d", 19500+service) }
