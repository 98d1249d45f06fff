package shop

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// newOrders spreads the orders over the two years before the epoch.
func newOrders(users *users, prices *pricing) *orders {
	random := stream("orders")
	o := &orders{users: users.byID}
	const apart = 2 * 365 * 24 * time.Hour / orderCount
	for i := range orderCount {
		buyer := pick(random, users.list)
		if i%200 == 199 {
			buyer = users.list[0] // whom demos show
		}
		age := time.Duration(orderCount-i) * apart
		made := order{
			ID:       "o" + strconv.Itoa(i+1),
			UserID:   buyer.ID,
			Status:   statusAfter(random, age),
			Lines:    newLines(random, prices),
			Currency: currency,
			PlacedAt: epoch.Add(-age).Truncate(time.Second),
			ShipTo:   buyer.Address,
		}
		made.Total = total(made.Lines)
		o.list = append(o.list, made)
	}
	return o
}

// statusAfter is how far an order of that age has come.
func statusAfter(random *rand.Rand, age time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case random.IntN(20) == 0:
		return "cancelled"
	case age < 1*day:
		return "placed"
	case age < 3*day:
		return "paid"
	case age < 8*day:
		return "shipped"
	}
	return "delivered"
}

func newLines(random *rand.Rand, prices *pricing) []orderLine {
	var lines []orderLine
	for _, id := range someProducts(random, 1+random.IntN(4)) {
		if price, ok := prices.byProduct[id]; ok {
			lines = append(lines, orderLine{id, 1 + random.IntN(3), price.Amount})
		}
	}
	if lines == nil { // nothing drawn had a price
		return newLines(random, prices)
	}
	return lines
}
