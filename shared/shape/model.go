package shape

// A model is what the objects at one place are like: the elements of an array, or the objects
// in the same member of all of them. The first object there becomes the model, and while the
// names of another are the model's, in the same order, they need not be looked for: the model
// has no name twice. What becomes of their values is known as well.
//
// The members of models are on a stack, scanner.known, until the outermost array ends. A
// model is spoken of by the index of what it belongs to: an array, or a known member.
type model struct{ first, end int32 }

// alone says that an object has no others to be like.
const alone = -1

// A known is a member of a model, or an array whose elements have one.
type known struct {
	head, tail uint64 // eight bytes each of the name with its quotes, see record
	name       name
	like       model // of the objects in the value
	slot       uint16
	shift, off uint8
}

// elements makes room for the model of an array's elements, unless they have one already: the
// arrays in the same member of objects that are alike share it.
func (s *scanner) elements(like int) int {
	if like != alone {
		return like
	}
	s.known = append(s.known, known{})
	return len(s.known) - 1
}

// model returns where the model of an object is in scanner.known.
func (s *scanner) model(like int) (first, end int) {
	if like == alone {
		return 0, 0
	}
	m := &s.known[like].like
	return int(m.first), int(m.end)
}

// record makes the object whose names are in the set the model of others. The node says what
// becomes of them; it is nil if they are not projected.
func (s *scanner) record(set *nameSet, like int, n *node) {
	first := len(s.known)
	for _, m := range s.names[set.first:] {
		k := known{name: m}
		start, size := uint(m.at-1), uint(m.size+2)
		if size < 8 {
			k.shift = uint8(64 - 8*size)
		} else {
			k.off = uint8(min(size, 16) - 8)
		}
		head, ok := word(s.src, start)
		tail, ok2 := word(s.src, start+uint(k.off))
		if !ok || !ok2 {
			s.known = s.known[:first]
			return
		}
		k.head, k.tail = head, tail
		if n != nil {
			k.slot = n.find(s, m)
		}
		s.known = append(s.known, k)
	}
	s.known[like].like = model{int32(first), int32(len(s.known))}
}

// follows returns where the value of the member at i starts if it has the name of a known one.
func (s *scanner) follows(i, at int) int {
	b, k := s.src, &s.known[at]
	size := int(k.name.size) + 2
	head, _ := word(b, uint(i))
	tail, ok := word(b, uint(i)+uint(k.off))
	if !ok || ((head^k.head)|(tail^k.tail))<<(k.shift&63) != 0 {
		return -1
	}
	if size > 16 {
		if at := int(k.name.at) - 1; len(b)-i < size || string(b[i+16:i+size]) != string(b[at+16:at+size]) {
			return -1
		}
	}
	i += size
	if uint(i+1) < uint(len(b)) && b[i] == ':' && b[i+1] > ' ' {
		return i + 1
	}
	return s.colon(i)
}
