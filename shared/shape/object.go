package shape

import "fmt"

// An Object appends one JSON object to a buffer, member by member: the projections of several
// sources become one answer without a copy in between.
//
//	o := shape.NewObject(dst)
//	o.Project("user", card, user)
//	o.Value("orders", orders)
//	dst, err := o.End()
//
// It is not safe for concurrent use. That no name is used twice is up to the caller.
type Object struct {
	dst   []byte
	start int
	open  int // groups
	err   error
}

// NewObject starts an object behind dst.
func NewObject(dst []byte) Object {
	o := Object{dst: dst, start: len(dst)}
	o.dst = append(o.dst, '{')
	return o
}

// Project appends a member whose value is the projection of src. If src is refused the member
// is null, and End reports it.
func (o *Object) Project(name string, s *Shape, src []byte) {
	o.name(name)
	var err error
	if o.dst, err = s.Append(o.dst, src); err == nil {
		return
	}
	o.dst = append(o.dst, "null"...)
	if o.err == nil {
		o.err = fmt.Errorf("member %q: %w", name, err)
	}
}

// Value appends a member whose value is JSON already; it is not checked. Nothing is null.
func (o *Object) Value(name string, value []byte) {
	o.name(name)
	if len(value) == 0 {
		o.dst = append(o.dst, "null"...)
		return
	}
	o.dst = append(o.dst, value...)
}

// Group starts a member that is an object itself. What follows goes into it, until Close.
func (o *Object) Group(name string) {
	o.name(name)
	o.dst = append(o.dst, '{')
	o.open++
}

// Close ends the innermost group. It panics if there is none.
func (o *Object) Close() {
	if o.open == 0 {
		panic("shape: Close without Group")
	}
	o.dst = append(o.dst, '}')
	o.open--
}

// End ends the object with all groups that are open, and returns the buffer. After an error
// that is the buffer without the object.
func (o *Object) End() ([]byte, error) {
	if o.err != nil {
		return o.dst[:o.start], o.err
	}
	for ; o.open > 0; o.open-- {
		o.dst = append(o.dst, '}')
	}
	return append(o.dst, '}'), nil
}

// name appends the name of a member. It is the first one just if it follows a brace: no
// value ends in one.
func (o *Object) name(name string) {
	if o.dst[len(o.dst)-1] != '{' {
		o.dst = append(o.dst, ',')
	}
	o.dst = append(appendQuoted(o.dst, name), ':')
}
