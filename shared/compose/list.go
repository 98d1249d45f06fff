package compose

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Batch adds a step that loads one value for each distinct key of a list, in calls of at
// most size keys, all made at the same time. It is the cure for N+1: the list is a value
// of the composition, so no timer has to guess when a batch is full. A key that op has
// no value for is absent from the result, which is never nil. An empty list makes no
// call.
func Batch[K comparable, V any](name string, keys Node[[]K], size int, op Op[[]K, map[K]V]) Node[map[K]V] {
	if size <= 0 {
		panic(fmt.Sprintf("compose: step %s: a batch of %d keys; the size must be positive", name, size))
	}
	return call(name, KindBatch, keys, op, func(ctx context.Context, keys []K) (map[K]V, error) {
		chunks := slices.Collect(slices.Chunk(distinct(keys), size))
		parts := make([]map[K]V, len(chunks))
		err := spread(ctx, len(chunks), len(chunks), func(ctx context.Context, i int) (err error) {
			parts[i], err = op.Call(ctx, chunks[i])
			return err
		})
		return merge(parts), err
	})
}

// Each adds a step that calls op for every item, at most limit at a time, for a backend
// that has no batch operation. Results keep the order of the items and are never nil.
// The first failure cancels the other calls and is the step's. An empty list makes no
// call.
func Each[A, B any](name string, items Node[[]A], limit int, op Op[A, B]) Node[[]B] {
	if limit <= 0 {
		panic(fmt.Sprintf("compose: step %s: %d calls at a time; the limit must be positive", name, limit))
	}
	return call(name, KindEach, items, op, func(ctx context.Context, items []A) ([]B, error) {
		out := make([]B, len(items))
		err := spread(ctx, len(items), limit, func(ctx context.Context, i int) (err error) {
			out[i], err = op.Call(ctx, items[i])
			return err
		})
		return out, err
	})
}

// spread calls do for each of 0 to n-1, at most limit at a time, and in place when there
// is only one at a time. The first failure cancels the others and is returned.
func spread(ctx context.Context, n, limit int, do func(context.Context, int) error) error {
	var next atomic.Int64
	work := func(ctx context.Context) (err error) {
		defer caught(&err)
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := do(ctx, i); err != nil {
				return err
			}
		}
		return nil
	}
	workers := min(n, limit)
	if workers <= 1 {
		return work(ctx)
	}
	group, ctx := errgroup.WithContext(ctx)
	for range workers {
		group.Go(func() error { return work(ctx) })
	}
	return group.Wait()
}

// distinct returns the keys without repetition, in the order of their first mention.
func distinct[K comparable](keys []K) []K {
	seen := make(map[K]struct{}, len(keys))
	out := make([]K, 0, len(keys))
	for _, k := range keys {
		if _, again := seen[k]; !again {
			seen[k] = struct{}{}
			out = append(out, k)
		}
	}
	return out
}

func merge[K comparable, V any](parts []map[K]V) map[K]V {
	if len(parts) == 1 && parts[0] != nil {
		return parts[0]
	}
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	all := make(map[K]V, size)
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}
