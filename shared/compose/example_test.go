package compose_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/facet-bff/facet/shared/compose"
)

// get is an operation of a backend for the examples.
type get[A, B any] struct {
	backend string
	answer  func(A) (B, error)
}

func (g get[A, B]) Call(_ context.Context, arg A) (B, error) { return g.answer(arg) }
func (g get[A, B]) Backend() string                          { return g.backend }

var (
	userName = get[string, string]{"users", func(id string) (string, error) { return "Ada (" + id + ")", nil }}
	noBanner = get[string, string]{"promotions", func(string) (string, error) { return "", errors.New("out of order") }}
)

func ExampleDefine() {
	home := compose.Define("mobile.home", func(id compose.Node[string]) compose.Node[string] {
		user := compose.Call("user", id, userName)
		banner := compose.Call("banner", id, noBanner).Within(80 * time.Millisecond).Or("Welcome")
		return compose.Join2(banner, user, func(banner, user string) string { return banner + ", " + user })
	})

	out, err := home.Run(context.Background(), "u1")
	fmt.Println(out.Value, err)
	fmt.Println("degraded:", out.Degraded[0])
	fmt.Print(home.Plan().Mermaid())
	// Output:
	// Welcome, Ada (u1) <nil>
	// degraded: mobile.home: banner: out of order
	// flowchart LR
	//   input(["string"])
	//   step_user["user<br/>users"]
	//   step_banner["banner<br/>promotions<br/>within 80ms"]
	//   output(["string"])
	//   input --> step_user
	//   input -.-> step_banner
	//   step_banner -.-> output
	//   step_user --> output
}

func ExampleBatch() {
	prices := get[[]string, map[string]int]{"pricing", func(skus []string) (map[string]int, error) {
		fmt.Println("asked for", skus)
		return map[string]int{"tea": 350, "pot": 1900}, nil
	}}
	cart := compose.Define("cart", func(skus compose.Node[[]string]) compose.Node[int] {
		price := compose.Batch("prices", skus, 50, prices)
		return compose.Join2(skus, price, func(skus []string, price map[string]int) (total int) {
			for _, sku := range skus {
				total += price[sku]
			}
			return total
		})
	})

	out, err := cart.Run(context.Background(), []string{"tea", "pot", "tea"})
	fmt.Println(out.Value, err)
	// Output:
	// asked for [tea pot]
	// 2600 <nil>
}

func ExampleEach() {
	shout := get[string, string]{"recommendations", func(s string) (string, error) { return strings.ToUpper(s), nil }}
	g := compose.Define("shout", func(words compose.Node[[]string]) compose.Node[[]string] {
		return compose.Each("words", words, 4, shout) // at most four calls at a time
	})

	out, err := g.Run(context.Background(), []string{"one", "two", "three"})
	fmt.Println(out.Value, err)
	// Output: [ONE TWO THREE] <nil>
}

func ExampleMaybe() {
	g := compose.Define("banner", func(id compose.Node[string]) compose.Node[string] {
		banner := compose.Maybe(compose.Call("banner", id, noBanner))
		return compose.Map(banner, func(b compose.Result[string]) string {
			if !b.OK() {
				return "unavailable: " + b.Err.Error()
			}
			return b.Value // perhaps empty, but that is the answer
		})
	})

	out, err := g.Run(context.Background(), "u1")
	fmt.Println(out.Value, err)
	// Output: unavailable: banner: banner: out of order <nil>
}

func ExampleNode_When() {
	type Request struct {
		User  string
		Guest bool
	}
	g := compose.Define("greeting", func(in compose.Node[Request]) compose.Node[string] {
		id := compose.Map(in, func(r Request) string { return r.User })
		known := compose.Map(in, func(r Request) bool { return !r.Guest })
		return compose.Call("user", id, userName).When(known).Or("guest")
	})

	for _, in := range []Request{{User: "u1"}, {Guest: true}} {
		out, err := g.Run(context.Background(), in)
		fmt.Println(out.Value, len(out.Degraded), err)
	}
	// Output:
	// Ada (u1) 0 <nil>
	// guest 0 <nil>
}
