package codec

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// at returns the byte at i, and 0 where there is none: NUL is valid nowhere between values.
func at(src string, i int) byte {
	if uint(i) < uint(len(src)) {
		return src[i]
	}
	return 0
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stops marks, in the high bit of each byte of w, the bytes that end a run of plain text in
// a string: quotes, backslashes and control characters. Only the lowest mark is exact, since
// subtraction borrows upwards. c^2 < 0x21 holds for both c < 0x20 and c == '"'.
func stops(w uint64) uint64 {
	return ((w ^ ones*0x02 - ones*0x21) | (w ^ ones*'\\' - ones)) &^ w & highs
}

// word returns the eight bytes at i, which are there, the first as the lowest.
func word(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// plain returns the index of the first byte from i on that is not plain text, or the length
// of s, and whether there is something before it that is not ASCII.
func plain(s string, i int) (end int, high bool) {
	collected := uint64(0)
	for i+8 <= len(s) {
		w := word(s, i)
		if m := stops(w); m != 0 {
			k := bits.TrailingZeros64(m) >> 3
			return i + k, (collected|w&(1<<(8*k)-1))&highs != 0
		}
		collected |= w
		i += 8
	}
	for i < len(s) && s[i] != '"' && s[i] != '\\' && s[i] >= ' ' {
		collected |= uint64(s[i])
		i++
	}
	return i, collected&highs != 0
}

// scanText returns the index after the string at i, and whether it contains escapes.
func scanText(src string, i int) (end int, escaped bool) {
	if at(src, i) != '"' {
		return failed, false
	}
	start := i + 1
	i, high := plain(src, start)
	for at(src, i) == '\\' {
		escaped = true
		if i = scanEscape(src, i); i < 0 {
			return failed, false
		}
		var more bool
		i, more = plain(src, i)
		high = high || more
	}
	if at(src, i) != '"' || high && !utf8.ValidString(src[start:i]) {
		return failed, false
	}
	return i + 1, escaped
}

// scanEscape returns the index after the escape sequence at i. That surrogates are in pairs
// is seen to by those who decode them.
func scanEscape(src string, i int) int {
	switch at(src, i+1) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		for k := i + 2; k < i+6; k++ {
			if c := at(src, k); !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return failed
			}
		}
		return i + 6
	}
	return failed
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// scanNumber returns the index after the number at i.
func scanNumber(src string, i int) int {
	if at(src, i) == '-' {
		i++
	}
	if at(src, i) == '0' {
		i++
	} else if i = scanDigits(src, i); i < 0 {
		return failed
	}
	if at(src, i) == '.' {
		if i = scanDigits(src, i+1); i < 0 {
			return failed
		}
	}
	if at(src, i)|0x20 == 'e' {
		i++
		if c := at(src, i); c == '+' || c == '-' {
			i++
		}
		return scanDigits(src, i)
	}
	return i
}

// scanDigits reads one digit or more.
func scanDigits(src string, i int) int {
	start := i
	for isDigit(at(src, i)) {
		i++
	}
	if i == start {
		return failed
	}
	return i
}

// skip returns the index after the value at i.
func skip(src string, i, depth int) int {
	switch c := at(src, i); c {
	case '"':
		end, _ := scanText(src, i)
		return end
	case '{', '[':
		return skipNested(src, i, depth, c+2) // ] and } stand two behind [ and {
	case 't':
		return skipWord(src, i, "true")
	case 'f':
		return skipWord(src, i, "false")
	case 'n':
		return skipWord(src, i, "null")
	}
	return scanNumber(src, i)
}

func skipWord(src string, i int, word string) int {
	if !strings.HasPrefix(src[i:], word) {
		return failed
	}
	return i + len(word)
}

func skipNested(src string, i, depth int, closer byte) int {
	if depth <= 0 {
		return failed
	}
	if i++; at(src, i) == closer {
		return i + 1
	}
	for {
		if closer == '}' {
			if i, _ = scanText(src, i); at(src, i) != ':' {
				return failed
			}
			i++
		}
		i = skip(src, i, depth-1)
		switch at(src, i) {
		case ',':
			i++
		case closer:
			return i + 1
		default:
			return failed
		}
	}
}
