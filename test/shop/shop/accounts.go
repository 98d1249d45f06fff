package shop

import (
	"strings"

	"github.com/facet-bff/facet/test/shop/idp"
)

// accounts lets every user log in; u2 works for the shop.
func (u *users) accounts() []idp.Account {
	var list []idp.Account
	for _, one := range u.list {
		first, last, _ := strings.Cut(one.Name, " ")
		account := idp.Account{ID: one.ID, FirstName: first, LastName: last, Email: one.Email}
		if one.ID == "u2" {
			account.Roles = []string{"support", "admin"}
		}
		list = append(list, account)
	}
	return list
}
