package shape

// value checks the value at i, which starts without whitespace. like is the model of what may
// be there, or alone.
func (s *scanner) value(i int, like int) int {
	switch c := s.at(i); c {
	case '"':
		i, _ = s.text(i)
		return i
	case '{':
		return s.object(i, like)
	case '[':
		return s.array(i, like)
	case 't':
		return s.literal(i, "true")
	case 'f':
		return s.literal(i, "false")
	case 'n':
		return s.literal(i, "null")
	default:
		if c == '-' || isDigit(c) {
			return s.number(i)
		}
		return s.fail(i, "expected a value")
	}
}

// open enters the array or object at i, and returns where its first child starts. It is
// closed if there is none.
func (s *scanner) open(i int, closer byte) (next int, closed bool) {
	if s.depth == 0 {
		return s.fail(i, "arrays and objects are nested too deeply"), true
	}
	s.depth--
	i = s.space(i + 1)
	if s.at(i) == closer {
		s.depth++
		return i + 1, true
	}
	return i, false
}

// comma reports whether a comma is at i, and no whitespace behind it.
func (s *scanner) comma(i int) bool {
	return uint(i+1) < uint(len(s.src)) && s.src[i] == ',' && s.src[i+1] > ' '
}

// next follows a child of an array or object, and returns where the next one starts.
func (s *scanner) next(i int, closer byte) (next int, closed bool) {
	if s.comma(i) {
		return i + 1, false
	}
	i = s.space(i)
	switch s.at(i) {
	case ',':
		return s.space(i + 1), false
	case closer:
		s.depth++
		return i + 1, true
	}
	if closer == ']' {
		return s.fail(i, "expected a comma or ]"), true
	}
	return s.fail(i, "expected a comma or }"), true
}

func (s *scanner) array(i, like int) int {
	i, closed := s.open(i, ']')
	outer := len(s.known)
	like = s.elements(like)
	for !closed {
		if i = s.value(i, like); i < 0 {
			return -1
		}
		i, closed = s.next(i, ']')
	}
	if like == outer {
		s.known = s.known[:outer]
	}
	return i
}

func (s *scanner) object(i, like int) int {
	i, end := s.open(i, '}')
	if end {
		return i
	}
	w := s.walk(like)
	if w.at < w.end {
		var how stop
		if i, how = s.along(i, &w); i < 0 || how == done {
			return i
		}
	}
	seen := s.enter(&w)
	for !end {
		if _, i = s.member(i, &seen); i < 0 {
			return -1
		}
		if i = s.value(i, alone); i < 0 {
			return -1
		}
		i, end = s.next(i, '}')
	}
	s.leave(&seen, i, like, nil)
	return i
}

// member reads the name of a member, refuses it if the object has it already, and returns
// where its value starts.
func (s *scanner) member(i int, seen *nameSet) (name, int) {
	m, end := s.name(i)
	if end < 0 {
		return m, -1
	}
	if !s.add(seen, m) {
		return m, s.fail(i, "an object has two members of this name")
	}
	if s.at(end) == ':' && s.at(end+1) > ' ' {
		return m, end + 1
	}
	return m, s.colon(end)
}

// colon returns where the value behind the colon at i starts.
func (s *scanner) colon(i int) int {
	if i = s.space(i); s.at(i) != ':' {
		return s.fail(i, "expected a colon")
	}
	return s.space(i + 1)
}
