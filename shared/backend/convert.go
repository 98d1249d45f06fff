package backend

// Convert returns op with its answer changed by f, for a backend whose form of an
// answer should not travel. An error of f means that the answer cannot be decoded.
func Convert[A, B, C any](op *Op[A, B], f func(B) (C, error)) *Op[A, C] {
	return &Op[A, C]{
		service: op.service, name: op.name, encode: op.encode, safe: op.safe, header: op.header, shape: op.shape,
		tags: op.tags, purges: op.purges,
		decode: func(body []byte) (c C, err error) {
			b, err := op.decode(body)
			if err != nil {
				return c, err
			}
			return f(b)
		},
	}
}

// ByKey returns op, which answers a list, as a batch operation for compose.Batch. What
// the list lacks is absent from the map.
func ByKey[K comparable, V any](op *Op[[]K, []V], key func(V) K) *Op[[]K, map[K]V] {
	return Convert(op, func(list []V) (map[K]V, error) {
		m := make(map[K]V, len(list))
		for _, v := range list {
			m[key(v)] = v
		}
		return m, nil
	})
}
