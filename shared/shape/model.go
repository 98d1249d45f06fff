package shape

import "encoding/binary"

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
	head, tail uint64 // eight bytes each of the name with its quotes and the colon
	name       name
	like       model // of the objects in the value
	slot       uint16
	colon      uint8 // where it is, from the name's quote on
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

// record makes the object whose names are in the set the model of others. The node says what
// becomes of them; it is nil if they are not projected.
func (s *scanner) record(set *nameSet, like int, n *node) {
	first := len(s.known)
	for _, m := range s.names[set.first:] {
		k := known{name: m, slot: skipped}
		if n != nil {
			k.slot = n.find(s, m)
		}
		k.prepare(s.src)
		s.known = append(s.known, k)
	}
	s.known[like].like = model{int32(first), int32(len(s.known))}
}

// prepare takes the words to compare, unless the name is long or there is whitespace behind it.
func (k *known) prepare(src []byte) {
	i, colon := int(k.name.at-1), int(k.name.size+2)
	if colon > longest || src[i+colon] != ':' {
		return // no name starts with a word of zeros
	}
	k.colon = uint8(colon)
	if colon < 8 {
		k.shift = uint8(56 - 8*colon)
	} else {
		k.off = uint8(colon - 7)
	}
	k.head, k.tail = word(src, i), word(src, i+int(k.off))
}

// longest is the size of the longest name, with its quotes, that is compared by words.
const longest = 14

// A stop is where along comes to an end.
type stop int

const (
	closed  stop = iota // behind the object
	kept                // at a value that is kept
	departs             // at a member that is not the next one of the model
)

// along skips members while they are those of the model from k on.
func (s *scanner) along(i, k, end int) (int, int, stop) {
	b, known := s.src, s.known[:end]
	for ; uint(k) < uint(len(known)); k++ {
		m := &known[k]
		c := byte(0)
		v := i + int(m.colon) + 1
		if uint(i)+longest+3 <= uint(len(b)) {
			w := b[i : i+longest+3 : i+longest+3]
			head, tail := binary.LittleEndian.Uint64(w), binary.LittleEndian.Uint64(w[m.off&7:])
			if ((head^m.head)|(tail^m.tail))<<(m.shift&63) == 0 {
				c = w[m.colon&15+1]
			}
		}
		if c <= ' ' {
			if v = s.follows(i, m.name); v < 0 {
				return i, k, departs
			}
			c = s.at(v)
		}
		if m.slot != skipped {
			return v, k, kept
		}
		if c == '"' {
			i, _ = s.text(v)
		} else {
			i = s.value(v, k)
		}
		if i < 0 {
			return -1, k, departs
		}
		if s.comma(i) {
			i++
			continue
		}
		end := false
		if i, end = s.next(i, '}'); end {
			return i, k, closed
		}
	}
	return i, k, departs
}

// follows returns where the value of the member at i starts if it has the name m.
func (s *scanner) follows(i int, m name) int {
	end, at := i+int(m.size)+2, int(m.at)-1
	if end > len(s.src) || string(s.src[i:end]) != string(s.src[at:at+int(m.size)+2]) {
		return -1
	}
	return s.colon(end)
}
