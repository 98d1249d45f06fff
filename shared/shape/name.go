package shape

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// A name is the name of a member, by its place in the source or, if that is negative, in the
// lesson. It has no more than four fields, so that the compiler keeps it in registers.
type name struct {
	hash uint64
	at   int32
	size int32
	form form
}

// A form says what has to be done to a name to spell it. A name as it is written is never
// the same as one as it was read.
type form uint8

const (
	escaped form = 1 << iota // as it was read, with escape sequences
	camel                    // as it is written, in camel case
)

// bit is the place of a name in a sieve of 64 bits.
func (m name) bit() uint64 { return 1 << (m.hash >> 58) }

// name reads the name at i and the quotes around it.
func (s *scanner) name(i int) (name, int) {
	if s.at(i) != '"' {
		return name{}, s.fail(i, "expected a name in quotes")
	}
	i++
	if m, ok := s.shortName(i); ok {
		return m, i + int(m.size) + 1
	}
	end, form := s.text(i - 1)
	if end < 0 {
		return name{}, -1
	}
	m := name{at: int32(i), size: int32(end - i - 1), form: form}
	m.hash = hash(s.spell(m))
	return m, end
}

// shortName reads a name of up to seven plain bytes at i, behind its quote. It is in one word
// with the quote that ends it, and so is scanned and hashed at once.
func (s *scanner) shortName(i int) (m name, ok bool) {
	w := word(s.src, i)
	stop := asciiStops(w)
	stop = stop & -stop >> 7 // 1 in the byte that stops it, or 0
	size := bits.TrailingZeros64(stop) >> 3
	if stop == 0 || s.at(i+size) != '"' {
		return name{}, false
	}
	return name{hash: hashShort(w&(stop-1), size), at: int32(i), size: int32(size)}, true
}

// hash is cheap, and tells names apart by their ends and their length. All that it must do is
// to put most of the names of one object in different places, which the top bits decide.
func hash(b []byte) uint64 {
	if len(b) >= 8 {
		head, tail := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[len(b)-8:])
		return (head+uint64(len(b)))*0x9e3779b97f4a7c15 + tail*0xc2b2ae3d27d4eb4f
	}
	word := uint64(0)
	for i, c := range b {
		word |= uint64(c) << (8 * i)
	}
	return hashShort(word, len(b))
}

// hashShort is the hash of a name of less than eight bytes, given as a word. Since the factor
// is odd, different names of that kind have different hashes.
func hashShort(word uint64, size int) uint64 {
	return (word | uint64(size)<<56) * 0x9e3779b97f4a7c15
}

// source returns what a name was read from, and where its quote is in there.
func (s *scanner) source(m name) (b []byte, quote int) {
	if m.at < 0 {
		return s.lesson.names, -int(m.at) - 1
	}
	return s.src, int(m.at) - 1
}

// raw returns a name as it was read.
func (s *scanner) raw(m name) []byte {
	b, quote := s.source(m)
	return b[quote+1 : quote+1+int(m.size)]
}

// spell returns a name without escapes, and in camel case if it is so marked. It is valid
// until the next call.
func (s *scanner) spell(m name) []byte {
	if m.form == 0 {
		return s.raw(m)
	}
	return s.respell(0, m)
}

// respell does the work of spell, in one of two sets of buffers.
func (s *scanner) respell(buffer int, m name) []byte {
	b := s.raw(m)
	if m.form&escaped != 0 {
		s.unescaped[buffer] = s.appendUnescaped(s.unescaped[buffer][:0], int(m.at), int(m.at+m.size))
		b = s.unescaped[buffer]
	}
	if m.form&camel != 0 && bytes.IndexByte(b, '_') >= 0 {
		s.cased[buffer] = appendCamel(s.cased[buffer][:0], b)
		b = s.cased[buffer]
	}
	return b
}

// appendUnescaped appends what the escape sequences between start and end, which text has
// read, stand for.
func (s *scanner) appendUnescaped(dst []byte, start, end int) []byte {
	for i := start; i < end; i++ {
		c := s.src[i]
		if c != '\\' {
			dst = append(dst, c)
			continue
		}
		i++
		switch c = s.src[i]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, _ := s.hex(i + 1)
			i += 4
			if utf16.IsSurrogate(r) {
				low, _ := s.hex(i + 3)
				r = utf16.DecodeRune(r, low)
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
