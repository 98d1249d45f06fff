package codec

import (
	"math"
	"strconv"
	"unsafe"
)

// store writes the low bytes of v, of a number of that size.
func store(p unsafe.Pointer, size uintptr, v uint64) {
	switch size {
	case 1:
		*(*uint8)(p) = uint8(v)
	case 2:
		*(*uint16)(p) = uint16(v)
	case 4:
		*(*uint32)(p) = uint32(v)
	default:
		*(*uint64)(p) = v
	}
}

// load is the inverse of store.
func load(p unsafe.Pointer, size uintptr) uint64 {
	switch size {
	case 1:
		return uint64(*(*uint8)(p))
	case 2:
		return uint64(*(*uint16)(p))
	case 4:
		return uint64(*(*uint32)(p))
	default:
		return *(*uint64)(p)
	}
}

// readUint reads digits. That no fraction follows is seen by who looks for what does follow.
func readUint(src string, i int) (v uint64, end int) {
	if at(src, i) == '0' {
		return 0, i + 1
	}
	start := i
	for ; isDigit(at(src, i)); i++ {
		d := uint64(src[i] - '0')
		if v > (math.MaxUint64-d)/10 {
			return 0, failed
		}
		v = 10*v + d
	}
	if i == start {
		return 0, failed
	}
	return v, i
}

func (n *node) readInteger(src string, i int, p unsafe.Pointer) int {
	negative := at(src, i) == '-'
	if negative {
		i++
	}
	v, end := readUint(src, i)
	most := uint64(1)<<(8*n.size-1) - 1
	if negative {
		most++
	}
	if v > most {
		return failed
	}
	if negative {
		v = -v
	}
	store(p, n.size, v)
	return end
}

func (n *node) readFloat(src string, i int, p unsafe.Pointer) int {
	end := scanNumber(src, i)
	if end < 0 {
		return failed
	}
	if n.size == 4 {
		v, err := strconv.ParseFloat(src[i:end], 32)
		if err != nil {
			return failed
		}
		*(*float32)(p) = float32(v)
		return end
	}
	v, ok := shortFloat(src[i:end])
	if !ok {
		var err error
		if v, err = strconv.ParseFloat(src[i:end], 64); err != nil {
			return failed
		}
	}
	*(*float64)(p) = v
	return end
}

// exact are powers of ten, and exactly so.
var exact = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14}

// shortFloat reads a number of at most 15 bytes without an exponent. Both its digits as an
// integer and the power of ten that they are divided by are exact, so one rounding gives the
// nearest number (Clinger, 1990).
func shortFloat(s string) (v float64, ok bool) {
	negative := s[0] == '-'
	if negative {
		s = s[1:]
	}
	if len(s) > len(exact) {
		return 0, false
	}
	digits, point := int64(0), len(s)-1
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			digits = 10*digits + int64(c-'0')
		case c == '.':
			point = i
		default:
			return 0, false
		}
	}
	v = float64(digits) / exact[len(s)-1-point]
	if negative {
		v = -v
	}
	return v, true
}

// appendFloat writes a number as ECMA-262 does, but for negative zero.
func appendFloat(dst []byte, v float64, bitSize int) []byte {
	if bitSize == 64 {
		if short, ok := appendShortFloat(dst, v); ok {
			return short
		}
	}
	format := byte('f')
	if magnitude := math.Abs(v); magnitude != 0 {
		small, large := magnitude < 1e-6, magnitude >= 1e21
		if bitSize == 32 {
			small, large = float32(magnitude) < 1e-6, float32(magnitude) >= 1e21
		}
		if small || large {
			format = 'e'
		}
	}
	dst = strconv.AppendFloat(dst, v, format, -1, bitSize)
	if n := len(dst); format == 'e' && n >= 4 && string(dst[n-4:n-1]) == "e-0" {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

// appendShortFloat writes a number that has at most two decimals and 15 digits, such as an
// amount of money. Numbers of 15 digits are all different, so there is none that is shorter.
func appendShortFloat(dst []byte, v float64) (_ []byte, ok bool) {
	magnitude := math.Abs(v)
	if !(magnitude < 1e13) || v == 0 {
		return dst, false
	}
	cents := uint64(magnitude*100 + 0.5)
	if float64(cents)/100 != magnitude {
		return dst, false
	}
	if v < 0 {
		dst = append(dst, '-')
	}
	dst = strconv.AppendUint(dst, cents/100, 10)
	tenth, hundredth := byte('0'+cents/10%10), byte('0'+cents%10)
	switch {
	case hundredth != '0':
		dst = append(dst, '.', tenth, hundredth)
	case tenth != '0':
		dst = append(dst, '.', tenth)
	}
	return dst, true
}
