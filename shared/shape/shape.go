// Package shape projects JSON on its bytes: it keeps, drops and renames members without
// decoding a value.
//
// A [Shape] is compiled once, from rules ([New]) or from a Go type ([Of]), and then run on
// every answer ([Shape.Append]). One pass copies what is kept, skips what is not, and checks
// all of it: the whole grammar of RFC 8259, UTF-8, surrogate pairs, duplicate names, depth
// and trailing bytes. What comes out is valid JSON without whitespace.
//
// Values are copied as they were written: numbers keep every digit, strings their escapes.
// Members come out in the order of the source, and those that only a default supplies after
// them. What is not there stays away, and what is no object where a rule expects one (null,
// a string) is copied as it is. Arrays are passed through: a rule about lines.sku holds for
// every line if lines is an array, of any depth.
package shape

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// DefaultDepth is how many arrays and objects may be nested unless [Shape.Depth] says
// otherwise.
const DefaultDepth = 64

// maxDepth bounds what a caller can ask for, since every level takes some stack.
const maxDepth = 10_000

// A Shape is a compiled projection: which members of a JSON value are kept, and under which
// names. It is safe for concurrent use, and gives the same for the same source, always. What it
// remembers of earlier ones makes it faster: names of members, and nothing else.
type Shape struct {
	root     *node
	pupil    *atomic.Pointer[lesson] // nil learns nothing
	depth    int
	camel    bool
	omitNull bool
}

// Must is [New] for shapes that are written in the program: it panics where New fails.
func Must(rules ...Rule) *Shape {
	s, err := New(rules...)
	if err != nil {
		panic(err)
	}
	return s
}

// Depth returns a shape like s that refuses more than n nested arrays and objects.
// It panics unless 1 <= n <= 10,000.
func (s *Shape) Depth(n int) *Shape {
	if n < 1 || n > maxDepth {
		panic(fmt.Sprintf("shape: depth %d is not within 1 and %d", n, maxDepth))
	}
	deeper := *s
	deeper.depth, deeper.pupil = n, newPupil()
	return &deeper
}

// Append appends the projection of src, one JSON value of less than 2 GiB, to dst. It
// allocates only to grow dst, which must not overlap src. If src is not strictly valid the
// error is an [*Error] and dst comes back as it was, though bytes beyond its length may have
// been overwritten.
func (s *Shape) Append(dst, src []byte) ([]byte, error) {
	scan := scanners.Get().(*scanner)
	defer scan.release()
	return scan.run(s, dst, src)
}

var scanners = sync.Pool{New: func() any { return &scanner{names: make([]name, 0, 64), known: make([]known, 0, 64)} }}
