package shape

import "math"

// run appends the projection of src to dst.
func (s *scanner) run(shape *Shape, dst, src []byte) ([]byte, error) {
	if len(src) > math.MaxInt32 {
		return dst, &Error{Offset: math.MaxInt32, Reason: "it is larger than 2 GiB"}
	}
	s.src, s.dst, s.shape, s.depth = src, dst, shape, shape.depth
	s.recall()
	i := s.project(shape.root, s.space(0), 0)
	if i >= 0 {
		if i = s.space(i); i < len(src) {
			i = s.fail(i, "something follows the value")
		}
	}
	if i < 0 {
		return dst, s.err()
	}
	s.learn()
	return s.dst, nil
}

// project appends what n keeps of the value at i.
func (s *scanner) project(n *node, i int, like int) int {
	switch c := s.at(i); {
	case n == whole:
		return s.copy(i, like)
	case c == '{':
		return s.projectObject(n, i, like)
	case c == '[':
		return s.projectArray(n, i, like)
	default:
		return s.copy(i, like)
	}
}

// copy appends the value at i, in one piece if there is no whitespace in it.
func (s *scanner) copy(i int, like int) int {
	spaces := s.spaces
	end := s.value(i, like)
	switch {
	case end < 0:
	case s.spaces == spaces:
		s.dst = append(s.dst, s.src[i:end]...)
	default:
		s.compact(i, end)
	}
	return end
}

// compact appends the valid value between i and end without its whitespace.
func (s *scanner) compact(i, end int) {
	for i < end {
		start := i
		if s.src[i] == '"' {
			i, _ = s.text(i)
		} else {
			for i++; i < end && s.src[i] > ' ' && s.src[i] != '"'; i++ {
			}
		}
		s.dst = append(s.dst, s.src[start:i]...)
		i = s.space(i)
	}
}

func (s *scanner) projectArray(n *node, i, like int) int {
	i, closed := s.open(i, ']')
	s.dst = append(s.dst, '[')
	if n.elem != n {
		like = alone // what becomes of the elements is not what becomes of n
	}
	outer := len(s.known)
	like = s.elements(like)
	for !closed {
		if i = s.project(n.elem, i, like); i < 0 {
			return -1
		}
		if i, closed = s.next(i, ']'); !closed {
			s.dst = append(s.dst, ',')
		}
	}
	if like == outer {
		s.known = s.known[:outer]
	}
	s.dst = append(s.dst, ']')
	return i
}

// An output is an object that is being written.
type output struct {
	n       *node
	start   int    // where its members start in dst
	present uint64 // bits of the fields with a default that are there
}

func (s *scanner) projectObject(n *node, i, like int) int {
	i, end := s.open(i, '}')
	s.dst = append(s.dst, '{')
	o := output{n: n, start: len(s.dst)}
	if !end {
		if i = s.projectMembers(&o, i, like); i < 0 {
			return -1
		}
	}
	if n.defaults > 0 {
		s.putDefaults(n, o.present, o.start)
	}
	s.dst = append(s.dst, '}')
	return i
}

func (s *scanner) projectMembers(o *output, i, like int) int {
	w, end := s.walk(like), false
	for w.at < w.end {
		var how stop
		if i, how = s.along(i, &w); i < 0 || how == done {
			return i
		}
		if how == strayed {
			break
		}
		k := &s.known[w.at]
		if i = s.put(o, k.name, k.field, i, w.at, nil); i < 0 {
			return -1
		}
		if i, end = s.next(i, '}'); end {
			return i
		}
		w.at++
	}
	seen := s.enter(&w)
	for !end {
		var m name
		if m, i = s.member(i, &seen); i < 0 {
			return -1
		}
		if i = s.put(o, m, o.n.find(s, m), i, alone, &seen); i < 0 {
			return -1
		}
		i, end = s.next(i, '}')
	}
	s.leave(&seen, i, like, o.n)
	return i
}

// put projects the value at i of the member m, for which there is that field.
func (s *scanner) put(o *output, m name, field uint16, i, like int, seen *nameSet) int {
	switch {
	case field == skipped || field == other && o.n.rest == nil || s.shape.omitNull && s.at(i) == 'n':
		return s.value(i, like)
	case field == other:
		return s.projectRest(o.n, m, i, o.start, like, seen)
	}
	f := &o.n.fields[field]
	o.present |= f.bit
	if f.same && m.form == 0 && s.src[i-1] == ':' && s.src[i-2] == '"' {
		return s.putWhole(o, i, i-int(m.size)-3, like)
	}
	s.putName(f, o.start)
	return s.project(f.sub, i, like)
}

// putWhole copies the value at i together with its name at start.
func (s *scanner) putWhole(o *output, i, start, like int) int {
	spaces := s.spaces
	end := s.value(i, like)
	if end < 0 {
		return -1
	}
	if len(s.dst) > o.start {
		s.dst = append(s.dst, ',')
	}
	if s.spaces == spaces {
		s.dst = append(s.dst, s.src[start:end]...)
	} else {
		s.compact(start, end)
	}
	return end
}

// putName appends the new name of a field, and a comma unless it is the first member of the
// object whose members start at start.
func (s *scanner) putName(f *field, start int) {
	quoted := f.quoted
	if len(s.dst) == start {
		quoted = quoted[1:]
	}
	s.dst = append(s.dst, quoted...)
}

func (s *scanner) putDefaults(n *node, present uint64, start int) {
	for i := range n.fields {
		if f := &n.fields[i]; f.value != nil && present&f.bit == 0 {
			s.putName(f, start)
			s.dst = append(s.dst, f.value...)
		}
	}
}

// projectRest projects the value at i of a member that no field of n names.
func (s *scanner) projectRest(n *node, m name, i, start, like int, seen *nameSet) int {
	raw := true // the name is written as it was read
	switch {
	case s.shape.camel:
		m.form |= camel
		spelled := s.respell(0, m)
		m.hash = hash(spelled) + 1        // not among the names as they were read
		raw = len(spelled) == int(m.size) // case and escapes only ever make it shorter
		if n.gives(spelled) || !s.add(seen, m) {
			return s.value(i, like)
		}
	case n.renames && n.gives(s.spell(m)):
		return s.value(i, like)
	}
	if len(s.dst) > start {
		s.dst = append(s.dst, ',')
	}
	if raw {
		b, quote := s.source(m)
		s.dst = append(s.dst, b[quote:quote+int(m.size)+2]...)
	} else {
		s.dst = appendQuoted(s.dst, s.spell(m))
	}
	s.dst = append(s.dst, ':')
	return s.project(n.rest, i, like)
}
