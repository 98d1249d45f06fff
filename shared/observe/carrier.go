package observe

import "context"

// A carrier is a context in which a V is found by a key of type K. It is part of what it
// carries, so that both are made at once.
type carrier[K comparable, V any] struct {
	context.Context
	carried V
}

func (c *carrier[K, V]) Value(key any) any {
	if _, asked := key.(K); asked {
		return c.carried
	}
	return c.Context.Value(key)
}
