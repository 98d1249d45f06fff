package shape

import "bytes"

// JSON is one JSON value that is known to be what [Shape.Append] leaves: valid, and without
// whitespace. Nil is null. It is for what a gateway passes on without looking into it.
//
// Whoever makes one by hand vouches for it. Package codec writes it into an answer as it is,
// so JSON(`{"a":`) breaks the answer around it, and a string from outside that is converted
// to it can put members there that nobody meant. [JSON.UnmarshalJSON] makes one of bytes that
// are not known to be JSON: it checks all of them.
//
// Package codec also cuts it out of what it decodes without a copy. That may be in a cache,
// and parts of it in other values: nobody may write into a JSON that he did not make.
type JSON []byte

// MarshalJSON returns the value itself, for libraries that do not know the type. They check it.
func (j JSON) MarshalJSON() ([]byte, error) {
	if len(j) == 0 {
		return []byte("null"), nil
	}
	return j, nil
}

// UnmarshalJSON checks src and keeps a copy of it without whitespace. On an error, which is an
// [*Error], j stays as it was.
func (j *JSON) UnmarshalJSON(src []byte) error {
	value, err := identity.Append(nil, src)
	if err != nil {
		return err
	}
	*j = value
	if bytes.Equal(value, []byte("null")) {
		*j = nil
	}
	return nil
}
