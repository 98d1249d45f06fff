package shop

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

// recommendations is the service that thinks before it speaks, and has no batch read.
type recommendations struct{ calls atomic.Uint64 }

func (s *recommendations) routes() rest.Routes {
	return rest.Routes{
		"GET /recommendations/{product}":    s.forProduct,
		"GET /recommendations/users/{user}": s.forUser,
	}
}

func (s *recommendations) forProduct(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("product")
	if !isProduct(id) {
		return rest.NotFound("product", id)
	}
	s.think(r.Context())
	items := someProducts(stream("recommendations/"+id), 7) // one more than needed
	items = slices.DeleteFunc(items, func(item string) bool { return item == id })[:6]
	return rest.Send(w, http.StatusOK, struct {
		Product string   `json:"product"`
		Items   []string `json:"items"`
	}{id, items})
}

func (s *recommendations) forUser(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("user")
	if !isUser(id) {
		return rest.NotFound("user", id)
	}
	s.think(r.Context())
	return rest.Send(w, http.StatusOK, struct {
		User  string   `json:"user"`
		Items []string `json:"items"`
	}{id, someProducts(stream("recommendations/"+id), 10)})
}

// think takes the time of the next call; it aborts the response if the client leaves.
func (s *recommendations) think(ctx context.Context) {
	timer := time.NewTimer(thinkingTime(s.calls.Add(1)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	}
}

// thinkingTime is 30 to 60 ms for the nth call, and 400 ms for 2% of the calls.
func thinkingTime(n uint64) time.Duration {
	random := rand.New(rand.NewPCG(seed, n))
	if random.IntN(50) == 0 {
		return 400 * time.Millisecond
	}
	return 30*time.Millisecond + time.Duration(random.Int64N(int64(30*time.Millisecond)))
}
