package shop

import (
	"cmp"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

type review struct {
	ID        string    `json:"id"`
	ProductID string    `json:"product_id"`
	UserID    string    `json:"user_id"`
	Rating    int       `json:"rating"` // 1 to 5
	Title     string    `json:"title"`
	Text      string    `json:"text"`
	Helpful   int       `json:"helpful"`
	CreatedAt time.Time `json:"created_at"`
}

// reviews is the service of opinions; its lists are newest first. It never changes.
type reviews struct{ byProduct, byUser map[string][]review }

func (s *reviews) routes() rest.Routes {
	return rest.Routes{
		"GET /products/{id}/reviews": s.ofProduct,
		"GET /products/{id}/summary": s.summary,
		"GET /users/{id}/reviews":    s.ofUser,
	}
}

type reviewList struct {
	Items []review `json:"items"`
	Total int      `json:"total"`
}

func (s *reviews) ofProduct(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !isProduct(id) {
		return rest.NotFound("product", id)
	}
	list := s.byProduct[id]
	switch order := r.FormValue("sort"); order {
	case "", "newest":
	case "helpful":
		list = slices.SortedStableFunc(slices.Values(list), func(a, b review) int {
			return cmp.Compare(b.Helpful, a.Helpful)
		})
	default:
		return rest.BadRequest("sort is %q, want newest or helpful", order)
	}
	return sendReviews(w, r, list)
}

func (s *reviews) ofUser(w http.ResponseWriter, r *http.Request) error {
	if id := r.PathValue("id"); !isUser(id) {
		return rest.NotFound("user", id)
	}
	return sendReviews(w, r, s.byUser[r.PathValue("id")])
}

func sendReviews(w http.ResponseWriter, r *http.Request, list []review) error {
	window, err := rest.ReadWindow(r.URL.Query(), 20, 100)
	if err != nil {
		return err
	}
	return rest.Send(w, http.StatusOK, reviewList{rest.Cut(list, window), len(list)})
}

type reviewSummary struct {
	ProductID string  `json:"product_id"`
	Average   float64 `json:"average"` // to one decimal; 0 without reviews
	Count     int     `json:"count"`
	Histogram [5]int  `json:"histogram"` // of ratings 1 to 5
}

func (s *reviews) summary(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !isProduct(id) {
		return rest.NotFound("product", id)
	}
	sum := reviewSummary{ProductID: id, Count: len(s.byProduct[id])}
	stars := 0
	for _, one := range s.byProduct[id] {
		sum.Histogram[one.Rating-1]++
		stars += one.Rating
	}
	if sum.Count > 0 {
		sum.Average = math.Round(10*float64(stars)/float64(sum.Count)) / 10
	}
	return rest.Send(w, http.StatusOK, sum)
}

func newReviews() *reviews {
	random := stream("reviews")
	s := &reviews{byProduct: map[string][]review{}, byUser: map[string][]review{}}
	for i := range reviewCount {
		made := newReview(random, i)
		s.byProduct[made.ProductID] = append(s.byProduct[made.ProductID], made)
		s.byUser[made.UserID] = append(s.byUser[made.UserID], made)
	}
	for _, lists := range []map[string][]review{s.byProduct, s.byUser} {
		for _, list := range lists {
			slices.SortStableFunc(list, func(a, b review) int { return b.CreatedAt.Compare(a.CreatedAt) })
		}
	}
	return s
}

// newReview favours good ratings and the products with small numbers, which become the
// favourites; about the youngest forty nobody has said a word yet.
func newReview(random *rand.Rand, index int) review {
	rating := pick(random, []int{1, 2, 3, 3, 4, 4, 4, 5, 5, 5, 5})
	said := pick(random, verdicts[rating-1])
	favourite := math.Pow(random.Float64(), 1.3)
	return review{
		ID:        "r" + strconv.Itoa(index+1),
		ProductID: productID(int((productCount - 40) * favourite)),
		UserID:    userID(random.IntN(userCount)),
		Rating:    rating,
		Title:     said.title,
		Text:      said.text,
		Helpful:   random.IntN(40) * random.IntN(2),
		CreatedAt: before(random, 3*365),
	}
}
