// Package users is the contract with the users service.
package users

import (
	"time"

	"github.com/facet-bff/facet/shared/backend"
)

// An ID identifies a customer. It is the subject of the customer's tokens.
type ID string

// A User is a customer.
type User struct {
	ID        ID        `json:"id"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Segment   string    `json:"segment"` // gold, silver or regular
	Locale    string    `json:"locale"`
	CreatedAt time.Time `json:"created_at"`
	Address   Address   `json:"address"`
}

// An Address is where a customer lives, or where an order goes.
type Address struct {
	Street   string `json:"street"`
	City     string `json:"city"`
	Postcode string `json:"postcode"`
	Country  string `json:"country"`
}

// API is what the users service can do.
type API struct {
	User  *backend.Op[ID, User]
	Users *backend.Op[[]ID, map[ID]User] // at most 100 at once
}

// New returns the operations of s.
func New(s *backend.Service) API {
	return API{
		User:  backend.GET[ID, User](s, "user", "/users/{id}"),
		Users: backend.ByKey(backend.GET[[]ID, []User](s, "users", "/users{?ids}"), func(u User) ID { return u.ID }),
	}
}
