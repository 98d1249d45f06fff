package shape

import "encoding/binary"

// A model is what the objects at one place are like: the outermost ones of all sources, the
// elements of an array, or the objects in one member of them. The first object there becomes
// the model, until one comes that has more members. While the names of an object are names of
// its model, in the same order, they need not be looked for, since the model has no name twice;
// and what becomes of their values is known.
//
// The members of models are on a stack, scanner.known, and do not change but for their own
// models. A model is spoken of by the index of what it belongs to: 0 is the source, and the
// others are known members, or arrays in a place that has no model. What is known of those goes
// when they end; the rest is what a shape learns for the next source.
type model struct{ first, end int32 }

// alone says that nothing is known of others in the place of an object.
const alone = -1

// A known is a member of a model, or else the source or an array, and then has no name.
type known struct {
	name  name
	like  model  // of the objects in its value
	field uint16 // what node.find says of it

	// For a comparison of its name, from quote to colon, by the words at 0 and at off. They
	// are zeros, with which no name starts, if it is longer.
	head, tail uint64
	off, shift uint8 // shift takes away the bytes behind the colon
	colon      uint8 // where it is
}

// longest is where the colon of names may be that two words can hold.
const longest = 14

// A walk is the way of an object along its model.
type walk struct {
	first, at, end int    // in scanner.known
	missing        uint64 // has a bit for each member of the model that the object went without
}

// mostKnown is how many members a model may have, and enoughKnown how many there may be in all
// before the last model: a source that is made of models must not cost many times its size.
const (
	mostKnown   = 64
	enoughKnown = 1 << 12
)

// elements makes room for the model of an array's elements, unless they have one already: the
// arrays in one member of objects that are alike share it.
func (s *scanner) elements(like int) int {
	if like != alone {
		return like
	}
	s.known = append(s.known, known{})
	return len(s.known) - 1
}

// walk starts the walk of an object. Without a model, it has nowhere to go.
func (s *scanner) walk(like int) walk {
	if like == alone {
		return walk{}
	}
	m := s.known[like].like
	return walk{first: int(m.first), at: int(m.first), end: int(m.end)}
}

// A stop is where along comes to an end.
type stop int

const (
	done    stop = iota // behind the object
	kept                // at the value of a member that is kept
	strayed             // at a member that is not on the way
)

// along skips members from i on while they are on the way and not kept.
func (s *scanner) along(i int, w *walk) (int, stop) {
	b, known := s.src, s.known[:w.end]
	for k := w.at; uint(k) < uint(len(known)); k++ {
		m := &known[k]
		v, c := 0, byte(0) // where the value starts, if the name is seen at once, and with what
		if uint(i)+longest+3 <= uint(len(b)) {
			t := b[i : i+longest+3 : i+longest+3]
			head, tail := binary.LittleEndian.Uint64(t), binary.LittleEndian.Uint64(t[m.off&7:])
			if ((head^m.head)|(tail^m.tail))<<(m.shift&63) == 0 {
				v, c = i+int(m.colon)+1, t[m.colon&15+1]
			}
		}
		if c <= ' ' {
			if c > 0 {
				v = s.space(v)
			} else {
				w.at = k
				if v = s.ahead(i, w); v < 0 {
					return i, strayed
				}
				k = w.at
				m = &known[k]
			}
			c = at(b, v)
		}
		if m.field != skipped {
			w.at = k
			return v, kept
		}
		if c == '"' {
			i, _ = s.text(v)
		} else {
			i = s.value(v, k)
		}
		if i < 0 {
			return -1, strayed
		}
		if s.comma(i) {
			i++
			continue
		}
		var end bool
		if i, end = s.next(i, '}'); end {
			return i, done
		}
	}
	w.at = w.end
	return i, strayed
}

// ahead looks for the name at i among the next ones of the model, so that objects may go
// without some members, and returns where its value starts. It also finds what along does not
// see: long names, and those with whitespace behind them.
func (s *scanner) ahead(i int, w *walk) int {
	b := s.src
	for k := w.at; k < w.end && k < w.at+3; k++ {
		m := s.known[k].name
		end := i + int(m.size) + 2
		if at(b, end-1) == '"' && string(b[i+1:end-1]) == string(s.raw(m)) && b[i] == '"' {
			w.skip(k - w.at)
			return s.colon(end)
		}
	}
	return -1
}

// skip goes n members on.
func (w *walk) skip(n int) {
	for ; n > 0; n-- {
		w.missing |= 1 << (w.at - w.first)
		w.at++
	}
}

// record makes the object whose names are in the set a model; n is what becomes of it.
func (s *scanner) record(set *nameSet, like int, n *node) {
	first, old := len(s.known), s.known[like].like
	for _, m := range s.names[set.first:] {
		if set.large {
			m.hash = hash(s.spell(m))
		}
		k := known{name: m, field: skipped}
		if n != nil {
			k.field = n.find(s, m)
		}
		if k.field == other && n.rest == nil {
			k.field = skipped
		}
		if old.first < old.end && s.known[old.first].name.at == m.at {
			k.like = s.known[old.first].like
			old.first++
		}
		k.prepare(s.source(m))
		s.known = append(s.known, k)
	}
	s.known[like].like = model{int32(first), int32(len(s.known))}
}

// prepare makes the name, whose quote is at i, fast to compare, unless it is long. There are
// eight bytes and more from there on, or this is for the lesson, which does it again.
func (k *known) prepare(src []byte, i int) {
	colon := int(k.name.size + 2)
	if colon > longest {
		return
	}
	k.colon, k.off = uint8(colon), uint8(max(colon-7, 0))
	k.shift = 8 * (7 - k.colon + k.off)
	// In the place of the colon there may be whitespace.
	k.tail = (word(src, i+int(k.off))<<k.shift&^(0xff<<56) | ':'<<56) >> k.shift
	k.head = k.tail
	if k.off > 0 {
		k.head = word(src, i)
	}
}
