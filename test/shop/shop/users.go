package shop

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

type user struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Segment   string    `json:"segment"` // one of segments
	Locale    string    `json:"locale"`
	CreatedAt time.Time `json:"created_at"`
	Address   address   `json:"address"`
}

type address struct {
	Street   string `json:"street"`
	City     string `json:"city"`
	Postcode string `json:"postcode"`
	Country  string `json:"country"`
}

var segments = []string{"gold", "silver", "regular"}

// users is the customers' service. It never changes.
type users struct {
	list []user
	byID map[string]user
}

func (u *users) routes() rest.Routes {
	return rest.Routes{
		"GET /users/{id}": u.get,
		"GET /users":      u.batch,
	}
}

func (u *users) get(w http.ResponseWriter, r *http.Request) error {
	found, ok := u.byID[r.PathValue("id")]
	if !ok {
		return rest.NotFound("user", r.PathValue("id"))
	}
	return rest.Send(w, http.StatusOK, found)
}

func (u *users) batch(w http.ResponseWriter, r *http.Request) error {
	ids, err := rest.ReadIDs(r.URL.Query(), "ids")
	if err != nil {
		return err
	}
	return rest.Send(w, http.StatusOK, existing(u.byID, ids))
}

// existing returns the values of those ids that there are, in the order of ids.
func existing[T any](byID map[string]T, ids []string) []T {
	found := make([]T, 0, len(ids))
	for _, id := range ids {
		if v, ok := byID[id]; ok {
			found = append(found, v)
		}
	}
	return found
}

func newUsers() *users {
	random := stream("users")
	u := &users{byID: make(map[string]user, userCount)}
	for i := range userCount {
		made := newUser(random, i)
		switch made.ID {
		case "u1":
			made.Name, made.Email, made.Segment = "Ada Lovelace", "ada@example.com", "gold"
			made.Locale, made.Address = "en-GB", address{"12 St James's Square", "London", "SW1Y 4JH", "GB"}
		case "u2":
			made.Name, made.Email, made.Segment = "Grace Hopper", "grace@example.com", "silver"
		}
		u.list = append(u.list, made)
		u.byID[made.ID] = made
	}
	return u
}

func newUser(random *rand.Rand, index int) user {
	first, last, home := pick(random, firstNames), pick(random, lastNames), pick(random, places)
	segment := "regular"
	switch n := random.IntN(10); {
	case n < 1:
		segment = "gold"
	case n < 4:
		segment = "silver"
	}
	return user{
		ID:        userID(index),
		Name:      first + " " + last,
		Email:     fmt.Sprintf("%s%d@example.com", ascii(first), index+1),
		Segment:   segment,
		Locale:    home.locale,
		CreatedAt: before(random, 5*365).AddDate(-1, 0, 0),
		Address: address{
			Street: fmt.Sprintf("%s %d", home.street, 1+random.IntN(180)),
			City:   home.city, Postcode: home.postcode, Country: home.country,
		},
	}
}

// ascii drops what an old mail server would not take.
func ascii(name string) string {
	return strings.Map(func(r rune) rune {
		if r > 127 {
			return -1
		}
		return r
	}, strings.ToLower(name))
}
