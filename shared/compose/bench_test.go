package compose_test

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/facet-bff/facet/shared/compose"
)

type val struct{ a, b, c int }

func work(_ context.Context, v val) (val, error) { return val{v.a + 1, v.b, v.c}, nil }
func sum2(a, b val) val                          { return val{a: a.a + b.a} }
func sum4(a, b, c, d val) val                    { return val{a: a.a + b.a + c.a + d.a} }

func one(in compose.Node[val]) compose.Node[val] { return compose.Step("s", in, work) }

func wide(in compose.Node[val]) compose.Node[val] {
	var n [8]compose.Node[val]
	for i := range n {
		n[i] = compose.Step(fmt.Sprint("s", i), in, work)
	}
	return compose.Join2(
		compose.Join4(n[0], n[1], n[2], n[3], sum4), compose.Join4(n[4], n[5], n[6], n[7], sum4), sum2)
}

func chain(in compose.Node[val]) compose.Node[val] {
	for i := range 8 {
		in = compose.Step(fmt.Sprint("s", i), in, work)
	}
	return in
}

func BenchmarkOne(b *testing.B)    { benchmark(b, compose.Define("one", one), val{1, 2, 3}) }
func BenchmarkChain8(b *testing.B) { benchmark(b, compose.Define("chain", chain), val{1, 2, 3}) }
func BenchmarkWide8(b *testing.B)  { benchmark(b, compose.Define("wide", wide), val{1, 2, 3}) }
func BenchmarkWide8Observed(b *testing.B) {
	benchmark(b, compose.Define("wide", wide).Observe(passOn), val{1, 2, 3})
}

func passOn(ctx context.Context, _ *compose.StepPlan, next func(context.Context) error) error {
	return next(ctx)
}

// BenchmarkWide8Errgroup is BenchmarkWide8 written by hand.
func BenchmarkWide8Errgroup(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		group, ctx := errgroup.WithContext(b.Context())
		var n [8]val
		for i := range n {
			group.Go(func() (err error) { n[i], err = work(ctx, val{1, 2, 3}); return err })
		}
		if err := group.Wait(); err != nil {
			b.Fatal(err)
		}
		sink = sum2(sum4(n[0], n[1], n[2], n[3]), sum4(n[4], n[5], n[6], n[7]))
	}
}

var sink val

func BenchmarkBatch(b *testing.B) {
	benchmark(b, compose.Define("batch", batch), keys(100))
}

func batch(in compose.Node[[]int]) compose.Node[map[int]int] {
	return compose.Batch("b", in, 25, op[[]int, map[int]int](squares))
}

// BenchmarkBatchErrgroup is BenchmarkBatch written by hand.
func BenchmarkBatchErrgroup(b *testing.B) {
	list := keys(100)
	b.ReportAllocs()
	for b.Loop() {
		var distinct []int
		seen := make(map[int]bool, len(list))
		for _, k := range list {
			if !seen[k] {
				seen[k] = true
				distinct = append(distinct, k)
			}
		}
		group, ctx := errgroup.WithContext(b.Context())
		parts := make([]map[int]int, (len(distinct)+24)/25)
		for i := range parts {
			group.Go(func() (err error) {
				parts[i], err = squares(ctx, distinct[i*25:min(i*25+25, len(distinct))])
				return err
			})
		}
		if err := group.Wait(); err != nil {
			b.Fatal(err)
		}
		all := make(map[int]int, len(distinct))
		for _, part := range parts {
			maps.Copy(all, part)
		}
	}
}

func BenchmarkEach(b *testing.B) {
	benchmark(b, compose.Define("each", each), keys(100))
}

func each(in compose.Node[[]int]) compose.Node[[]int] {
	return compose.Each("e", in, 4, op[int, int](func(_ context.Context, k int) (int, error) { return k * k, nil }))
}

func keys(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func benchmark[In, Out any](b *testing.B, g *compose.Graph[In, Out], in In) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Run(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}
