package shop

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

// orderFilter keeps the orders that match all of it; what is zero matches everything.
type orderFilter struct {
	user, status string
	from, to     time.Time // from inclusive, to exclusive
}

func (f orderFilter) keeps(o order) bool {
	return (f.user == "" || o.UserID == f.user) &&
		(f.status == "" || o.Status == f.status) &&
		(f.from.IsZero() || !o.PlacedAt.Before(f.from)) &&
		(f.to.IsZero() || o.PlacedAt.Before(f.to))
}

func readOrderFilter(q url.Values) (orderFilter, error) {
	f := orderFilter{user: q.Get("user"), status: q.Get("status")}
	if f.status != "" && !slices.Contains(statuses, f.status) {
		return f, rest.BadRequest("status is %q, want one of %v", f.status, statuses)
	}
	var err error
	if f.from, err = readTime(q, "from"); err != nil {
		return f, err
	}
	f.to, err = readTime(q, "to")
	return f, err
}

// readTime takes RFC 3339 or a date, which begins at midnight UTC.
func readTime(q url.Values, name string) (time.Time, error) {
	text := q.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, rest.BadRequest("%s is %q, want RFC 3339 or a date", name, text)
}

type orderList struct {
	Orders []order `json:"orders"`
	Total  int     `json:"total"`
}

// search lists newest first.
func (o *orders) search(w http.ResponseWriter, r *http.Request) error {
	window, err := rest.ReadWindow(r.URL.Query(), 20, 100)
	if err != nil {
		return err
	}
	filter, err := readOrderFilter(r.URL.Query())
	if err != nil {
		return err
	}
	var found []order
	for _, one := range slices.Backward(o.all()) {
		if filter.keeps(one) {
			found = append(found, one)
		}
	}
	return rest.Send(w, http.StatusOK, orderList{rest.Cut(found, window), len(found)})
}
