package shop

import (
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// How much there is of everything.
const (
	productCount = 2000
	userCount    = 500
	orderCount   = 5000
	reviewCount  = 20000
)

// seed makes every start of the shop sell the same things.
const seed = 20261101

// epoch is the "today" of the generated past: nothing in it is younger.
var epoch = time.Date(2026, time.November, 1, 9, 0, 0, 0, time.UTC)

// stream returns the random numbers that belong to one name, so that what one service
// generates does not depend on what the others do.
func stream(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// someProducts returns n different product ids.
func someProducts(random *rand.Rand, n int) []string {
	ids := make([]string, 0, n)
	seen := make(map[string]bool, n)
	for len(ids) < n {
		if id := productID(random.IntN(productCount)); !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// onePercent returns the products that lack something; the first hundred, which demos
// show, are always complete.
func onePercent(random *rand.Rand) map[string]bool {
	chosen := map[string]bool{}
	for len(chosen) < productCount/100 {
		chosen[productID(100+random.IntN(productCount-100))] = true
	}
	return chosen
}

// before returns a moment up to so many days before the epoch, to the second.
func before(random *rand.Rand, days int) time.Time {
	return epoch.Add(-time.Duration(random.IntN(days*24*60*60)) * time.Second)
}

func productID(index int) string { return "p" + strconv.Itoa(index+1) }
func userID(index int) string    { return "u" + strconv.Itoa(index+1) }

func isProduct(id string) bool { return isNumbered(id, "p", productCount) }
func isUser(id string) bool    { return isNumbered(id, "u", userCount) }

// isNumbered reports whether id is the prefix and a number from 1 to count as we write it.
func isNumbered(id, prefix string, count int) bool {
	digits, ok := strings.CutPrefix(id, prefix)
	n, err := strconv.Atoi(digits)
	return ok && err == nil && n >= 1 && n <= count && strconv.Itoa(n) == digits
}

// slug turns a name such as "Home & Kitchen" into "home-kitchen".
func slug(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r == ' ' || r == '&' || r == '\''
	}), "-")
}
