package shape

import (
	"unicode/utf16"
	"unicode/utf8"
)

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
