// Package upstream stands for the services behind a gateway. It answers with constant
// documents, as cheaply as a program on one's own TCP connections can, because it shares
// the machine with what is measured:
//
//	/users/{id}     1.9 KB      /orders/{id}      19 KB, 50 orders
//	/products/{id}  9.5 KB      /inventory/{id}   0.5 KB
//	/orgs/{id}, /carts/{id}, /addresses/{id}      0.5 KB
//	/item/{n}/{id}  user n, for fan-outs
//	/pages/{n}/{id} n KB of orders
//	/composed/{id}  what a gateway makes of four of these, for caches that cannot compose
//	/jwks           the key set of the token issuer
//	/calls          how many requests there have been, but for these
//
// What stands before says how: /d5 waits 5 ms, /t5 the same and in 1 % of calls 50 ms, /c
// lets caches keep the answer for an hour.
package upstream

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/facet-bff/facet/test/load/payload"
)

// Services is how many ports the backends have: every port knows every document, so that
// one program stands for so many services.
const Services = 32

// Backends are the services. They are safe for concurrent use.
type Backends struct {
	users     []answer // by id - 1
	documents map[string]answer
	calls     atomic.Int64
}

// New returns backends that publish the key set; nil publishes none.
func New(keySet []byte) *Backends {
	b := &Backends{documents: map[string]answer{
		"orders": found(payload.Orders()), "products": found(payload.Product()), "inventory": found(payload.Inventory()),
		"orgs": found(payload.Small("org")), "carts": found(payload.Small("cart")), "addresses": found(payload.Small("address")),
		"composed": found(payload.Home(42)),
	}}
	if keySet != nil {
		b.documents["jwks"] = found(keySet)
	}
	for _, kb := range payload.Sizes {
		b.documents["pages/"+strconv.Itoa(kb)] = found(payload.Page(kb))
	}
	for id := range payload.IDs {
		b.users = append(b.users, found(payload.User(id+1)))
	}
	return b
}

// An answer is what stands before and after its Date.
type answer struct{ head, rest []byte }

var (
	notFound   = newAnswer("404 Not Found", nil)
	badRequest = newAnswer("400 Bad Request", nil)
)

func found(body []byte) answer { return newAnswer("200 OK", body) }

func newAnswer(status string, body []byte) answer {
	return answer{
		head: []byte("HTTP/1.1 " + status + "\r\nServer: upstream\r\nContent-Type: application/json\r\nContent-Length: " +
			strconv.Itoa(len(body)) + "\r\nDate: "),
		rest: append([]byte("\r\n\r\n"), body...),
	}
}

func (a answer) append(to []byte, keep bool) []byte {
	to = append(to, a.head...)
	to = time.Now().UTC().AppendFormat(to, http.TimeFormat)
	if keep {
		to = append(to, "\r\nCache-Control: public, max-age=3600"...)
	}
	return append(to, a.rest...)
}

// A timing is when an answer comes, and for how long it may be kept.
type timing struct {
	slow bool // 5 ms
	tail bool // 50 ms in 1 % of calls
	keep bool
}

// find reads a path.
func (b *Backends) find(path string) (answer, timing) {
	var t timing
	if path == "/calls" {
		return found(strconv.AppendInt(nil, b.calls.Load(), 10)), t
	}
	b.calls.Add(1)
	for {
		segment, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		switch segment {
		case "d5":
			t.slow = true
		case "t5":
			t.slow, t.tail = true, true
		case "c":
			t.keep = true
		case "users", "item":
			number, _, _ := strings.Cut(rest, "/")
			return b.user(number), t
		case "pages":
			number, _, _ := strings.Cut(rest, "/")
			return b.document("pages/" + number), t
		default:
			return b.document(segment), t
		}
		path = rest
	}
}

func (b *Backends) document(name string) answer {
	if a, ok := b.documents[name]; ok {
		return a
	}
	return notFound
}

func (b *Backends) user(number string) answer {
	id, err := strconv.Atoi(number)
	if err != nil || id < 1 || id > len(b.users) {
		return notFound
	}
	return b.users[id-1]
}
