// Package scenario says what gateways are asked, and what they must answer.
package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/facet-bff/facet/test/load/payload"
)

// A Scenario is a request that every gateway which serves it answers equally.
type Scenario struct {
	Name string
	What string

	// Path may have {id}, the id of a user. Requests that are under way at the same time
	// have different ones, unless Same asks for one and the same again and again.
	Path string
	Same bool

	// Want is the answer for an id, as JSON.
	Want func(id int) []byte

	// Token is the algorithm of the access token that requests carry, if any. It is the
	// same in all of them, or Fresh: each has one that the gateway has never seen.
	Token string
	Fresh bool

	// Rate is in requests per second. 0 is the closed loop: the next request is sent
	// when an answer is there.
	Rate float64
}

// Fans are how many backends the scenarios S7 ask at once.
var Fans = []int{1, 2, 4, 8, 16, 32}

// All returns the scenarios in the order in which they are measured.
func All() []Scenario {
	constant := func(int) []byte { return []byte("{}") }
	all := []Scenario{
		{Name: "S0", What: "a constant answer", Path: "/s0", Want: constant},
		{Name: "S1", What: "a routed pass-through", Path: "/s1/users/{id}", Want: payload.User},
		{Name: "S2", What: "four backends composed and projected", Path: "/s2/home/{id}", Want: payload.Home},
		{Name: "S2d", What: "S2, backends take 5 ms", Path: "/d5/s2/home/{id}", Want: payload.Home, Rate: 400},
		{Name: "S2t", What: "S2d, and 1 % of calls take 50 ms", Path: "/t5/s2/home/{id}", Want: payload.Home, Rate: 400},
		{Name: "S3", What: "S2's answer from the cache", Path: "/s3/home/{id}", Same: true, Want: payload.Home},
		{Name: "S4", What: "S1 with an RS256 token", Path: "/s4/users/{id}", Want: payload.User, Token: "RS256"},
		{Name: "S4-first", What: "S4, each token for the first time", Path: "/s4/users/{id}", Want: payload.User, Token: "RS256", Fresh: true, Rate: 300},
		{Name: "S4-es", What: "S1 with an ES256 token", Path: "/s4/users/{id}", Want: payload.User, Token: "ES256"},
		{Name: "S5", What: "S1 behind a rate limit", Path: "/s5/users/{id}", Want: payload.User},
		{Name: "S6", What: "one backend, then three by what it says", Path: "/s6/profile/{id}", Want: payload.Profile},
	}
	for _, n := range Fans {
		all = append(all, Scenario{
			Name: "S7-" + strconv.Itoa(n), What: fmt.Sprintf("%d backends at once", n),
			Path: fmt.Sprintf("/s7/%d/{id}", n), Want: func(int) []byte { return payload.Fan(n) },
		})
	}
	return all
}

// Sized returns scenarios whose size grows: S8 is S1 with a document of n KB, and S9 keeps
// two members of each element of the list that makes up the same document.
func Sized() (all []Scenario) {
	for _, kb := range payload.Sizes {
		all = append(all, Scenario{
			Name: "S8-" + strconv.Itoa(kb), What: fmt.Sprintf("a routed pass-through of %d KB", kb),
			Path: fmt.Sprintf("/s8/pages/%d/{id}", kb), Want: func(int) []byte { return payload.Page(kb) },
		}, Scenario{
			Name: "S9-" + strconv.Itoa(kb), What: fmt.Sprintf("a list of %d KB projected", kb),
			Path: fmt.Sprintf("/s9/pages/%d/{id}", kb), Want: func(int) []byte { return payload.Listing(kb) },
		})
	}
	return all
}

// Find returns the scenario of that name, sized ones included.
func Find(name string) (Scenario, bool) {
	for _, s := range append(All(), Sized()...) {
		if s.Name == name {
			return s, true
		}
	}
	return Scenario{}, false
}

// Names are the scenarios' names.
func Names() []string {
	var names []string
	for _, s := range All() {
		names = append(names, s.Name)
	}
	return names
}

// Target is the path for an id.
func (s Scenario) Target(id int) string { return strings.ReplaceAll(s.Path, "{id}", strconv.Itoa(id)) }

// someone is the user that is asked for where one is enough.
const someone = 42

// ids are the users that are asked for, in turn.
func (s Scenario) ids() []int {
	if s.Same || !strings.Contains(s.Path, "{id}") {
		return []int{someone}
	}
	ids := make([]int, payload.IDs)
	for i := range ids {
		ids[i] = i + 1
	}
	return ids
}
