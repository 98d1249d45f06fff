package shape

// value checks the value at i, which starts without whitespace. If it is an element of an
// array, like is what the elements are like; otherwise it is nil.
func (s *scanner) value(i int, like *model) int {
	switch c := s.at(i); c {
	case '"':
		i, _ = s.text(i)
		return i
	case '{':
		return s.object(i, like)
	case '[':
		return s.array(i)
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

// next follows a child of an array or object, and returns where the next one starts.
func (s *scanner) next(i int, closer byte) (next int, closed bool) {
	if s.at(i) == ',' && s.at(i+1) > ' ' {
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

func (s *scanner) array(i int) int {
	i, closed := s.open(i, ']')
	names, like := len(s.names), model{}
	for !closed {
		if i = s.value(i, &like); i < 0 {
			return -1
		}
		i, closed = s.next(i, ']')
	}
	s.names = s.names[:names]
	return i
}

func (s *scanner) object(i int, like *model) int {
	i, closed := s.open(i, '}')
	seen := s.enter(like)
	for !closed {
		if _, i = s.member(i, &seen); i < 0 {
			return -1
		}
		if i = s.value(i, nil); i < 0 {
			return -1
		}
		i, closed = s.next(i, '}')
	}
	s.leave(&seen, like)
	return i
}

// member reads the name of a member, refuses it if the object has it already, and returns
// where its value starts.
func (s *scanner) member(i int, seen *nameSet) (name, int) {
	m, end := name{}, -1
	if seen.like.end > 0 {
		m, end = s.follows(i, seen)
	}
	if end < 0 {
		if m, end = s.name(i); end < 0 {
			return m, -1
		}
		if !s.add(seen, m) {
			return m, s.fail(i, "an object has two members of this name")
		}
	}
	if s.at(end) == ':' && s.at(end+1) > ' ' {
		return m, end + 1
	}
	if end = s.space(end); s.at(end) != ':' {
		return m, s.fail(end, "expected a colon")
	}
	return m, s.space(end + 1)
}
