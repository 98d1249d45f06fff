package shape

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// A scanner reads one source and writes its projection. Its methods take the index at which
// something starts in src and return the index after it, or -1 after they have called fail.
type scanner struct {
	src, dst []byte
	shape    *Shape
	lesson   *lesson

	depth  int // how many more arrays and objects may be opened
	spaces int // grows with every run of whitespace

	names  []name   // of the members of the objects that are open
	tables []uint32 // hash tables of the large ones among them
	known  []known  // the members of models

	unescaped, cased [2][]byte // buffers for names

	failedAt int
	reason   string
}

// release lets go of what belongs to the caller, and keeps the scanner for the next run
// unless an exceptional source has made it large.
func (s *scanner) release() {
	const much = 1 << 12
	s.src, s.dst, s.shape, s.lesson = nil, nil, nil, nil
	if cap(s.names) > much || cap(s.tables) > much || cap(s.known) > much || cap(s.unescaped[0]) > much || cap(s.cased[0]) > much {
		return
	}
	s.names, s.tables, s.known, s.spaces = s.names[:0], s.tables[:0], s.known[:0], 0
	scanners.Put(s)
}

// fail records what is wrong at an offset.
func (s *scanner) fail(i int, reason string) int {
	if i >= len(s.src) {
		i, reason = len(s.src), "it ends early"
	}
	s.failedAt, s.reason = i, reason
	return -1
}

// at returns the byte at i, and 0 behind the end: NUL is valid nowhere outside of it.
func (s *scanner) at(i int) byte { return at(s.src, i) }

func at(b []byte, i int) byte {
	if uint(i) < uint(len(b)) {
		return b[i]
	}
	return 0
}

// space skips whitespace. Most sources have none.
func (s *scanner) space(i int) int {
	if s.at(i) > ' ' {
		return i
	}
	return s.spaceRun(i)
}

func (s *scanner) spaceRun(i int) int {
	start := i
	for {
		switch s.at(i) {
		case ' ', '\n', '\r', '\t':
			i++
			continue
		}
		if i > start {
			s.spaces++
		}
		return i
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// word returns the eight bytes at i, the first of them lowest, or 0 if there are fewer. It is
// written so that they are loaded at once, after one comparison.
func word(b []byte, i int) uint64 {
	if k := uint(i); k+8 <= uint(len(b)) {
		return binary.LittleEndian.Uint64(b[k : k+8 : k+8])
	}
	return 0
}

// stops marks, in the high bit of each byte of w, the bytes that end a run of plain text in
// a string: quotes, backslashes and control characters. Only the lowest mark is exact, since
// subtraction borrows upwards. c^2 < 0x21 holds for both c < 0x20 and c == '"'.
func stops(w uint64) uint64 { return asciiStops(w) &^ w }

// asciiStops is stops for text that must be ASCII: bytes above end it as well. Of them, only
// 0xdc ^ '\\' - 1 has no high bit, and 0xdc ^ 2 - 0x21 has one.
func asciiStops(w uint64) uint64 {
	return ((w ^ ones*0x02 - ones*0x21) | (w ^ ones*'\\' - ones)) & highs
}

// plain returns where the plain text from i on ends. Near the end of the source it may stop
// before, since NUL is not plain.
func plain(b []byte, i int) int {
	for {
		if m := asciiStops(word(b, i)); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		i += 8
	}
}

// text reads the string at i, which is a quote, and says whether it contains escapes.
func (s *scanner) text(i int) (end int, f form) {
	end = plain(s.src, i+1)
	if s.at(end) == '"' {
		return end + 1, 0
	}
	return s.anyText(i+1, end)
}

// anyText is text for strings that are not plain, or near the end of the source. What is
// between start and i has been read and is plain.
func (s *scanner) anyText(start, i int) (end int, f form) {
	b := s.src
	high := uint64(0) // collects the high bits: is there anything that is not ASCII?
	for {
		if i+8 <= len(b) {
			w := word(b, i)
			high |= w
			m := stops(w)
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) >> 3
		} else {
			for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= ' ' {
				high |= uint64(b[i])
				i++
			}
		}
		switch s.at(i) {
		case '"':
			if high&highs != 0 && !utf8.Valid(b[start:i]) {
				return s.badText(start), 0
			}
			return i + 1, f
		case '\\':
			f = escaped
			if i = s.escape(i); i < 0 {
				return -1, 0
			}
		default:
			return s.fail(i, "a control character in a string must be escaped"), 0
		}
	}
}

// badText finds the first byte from i on that is not UTF-8.
func (s *scanner) badText(i int) int {
	for {
		r, size := utf8.DecodeRune(s.src[i:])
		if r == utf8.RuneError && size <= 1 {
			return s.fail(i, "a string is not UTF-8")
		}
		i += size
	}
}

// escape reads the escape sequence at i, which is a backslash. A surrogate is valid only as
// half of a pair (RFC 8259, 8.2; RFC 7493, 2.1).
func (s *scanner) escape(i int) int {
	switch s.at(i + 1) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		unit, ok := s.hex(i + 2)
		switch {
		case !ok:
			return s.fail(i+2, "\\u must be followed by four hexadecimal digits")
		case unit < 0xd800 || unit > 0xdfff:
			return i + 6
		case unit < 0xdc00 && s.at(i+6) == '\\' && s.at(i+7) == 'u':
			if low, ok := s.hex(i + 8); ok && low >= 0xdc00 && low <= 0xdfff {
				return i + 12
			}
		}
		return s.fail(i, "half of a surrogate pair")
	}
	return s.fail(i+1, "no such escape sequence")
}

// hex reads four hexadecimal digits.
func (s *scanner) hex(i int) (unit rune, ok bool) {
	for k := range 4 {
		c := s.at(i + k)
		switch {
		case isDigit(c):
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		unit = unit<<4 | rune(c)
	}
	return unit, true
}

// number reads the number at i.
func (s *scanner) number(i int) int {
	b := s.src
	if at(b, i) == '-' {
		i++
	}
	start := i
	if i = digits(b, i); i == start {
		return s.fail(i, "a digit is missing")
	}
	if b[start] == '0' && i > start+1 {
		return start + 1 // a zero is a number; what follows is not
	}
	c := at(b, i)
	if c == '.' {
		start = i + 1
		if i = digits(b, start); i == start {
			return s.fail(i, "a digit is missing")
		}
		c = at(b, i)
	}
	if c|0x20 == 'e' {
		i++
		if c := at(b, i); c == '+' || c == '-' {
			i++
		}
		start = i
		if i = digits(b, start); i == start {
			return s.fail(i, "a digit is missing")
		}
	}
	return i
}

// digits returns where the digits from i on end.
func digits(b []byte, i int) int {
	for uint(i) < uint(len(b)) && isDigit(b[i]) {
		i++
	}
	return i
}

// literal reads one of true, false and null.
func (s *scanner) literal(i int, word string) int {
	if end := i + len(word); end <= len(s.src) && string(s.src[i:end]) == word {
		return end
	}
	for k := range len(word) {
		if s.at(i+k) != word[k] {
			return s.fail(i+k, "expected "+word)
		}
	}
	return -1
}
