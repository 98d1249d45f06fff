package codec

import (
	"math"
	"reflect"
	"strings"
	"time"
	"unsafe"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// failed is what reading returns when the library has to have a look. What has been read by
// then is given up.
const failed = -1

// read reads the value at i into what p points to, which is zero, and returns the index after
// the value. The depth is how many more values may be opened.
func (n *node) read(src string, i, depth int, p unsafe.Pointer) int {
	if i < 0 || depth == 0 {
		return failed
	}
	if n.kind > verbatim && strings.HasPrefix(src[i:], "null") {
		return i + len("null") // it is zero already
	}
	switch n.kind {
	case verbatim:
		return readVerbatim(src, i, depth, (*[]byte)(p))
	case boolean:
		return readBool(src, i, (*bool)(p))
	case text:
		s, end := readText(src, i)
		*(*string)(p) = s
		return end
	case integer:
		return n.readInteger(src, i, p)
	case natural:
		v, end := readUint(src, i)
		if v > math.MaxUint64>>(64-8*n.size) {
			return failed
		}
		store(p, n.size, v)
		return end
	case float:
		return n.readFloat(src, i, p)
	case instant:
		if end := readInstant(src, i, (*time.Time)(p)); end >= 0 {
			return end
		}
	case list:
		return n.readList(src, i, depth, p)
	case dict:
		return n.readDict(src, i, depth, p)
	case record:
		return n.readRecord(src, i, depth, p)
	case pointer:
		to := reflect.New(n.elem.typ).UnsafePointer()
		*(*unsafe.Pointer)(p) = to
		return n.elem.read(src, i, depth-1, to)
	}
	return n.readForeign(src, i, depth, p)
}

// readForeign hands the value to the library.
func (n *node) readForeign(src string, i, depth int, p unsafe.Pointer) int {
	end := skip(src, i, depth+spareDepth)
	if end < 0 || json.Unmarshal(part(src, i, end), reflect.NewAt(n.typ, p).Interface(), n.opts) != nil {
		return failed
	}
	return end
}

// part returns the bytes of a part of src, which nobody may change.
func part(src string, i, end int) []byte {
	return unsafe.Slice(unsafe.StringData(src[i:end]), end-i)
}

// readVerbatim leaves null as nil.
func readVerbatim(src string, i, depth int, p *[]byte) int {
	end := skip(src, i, depth+spareDepth)
	if end >= 0 && src[i:end] != "null" {
		*p = part(src, i, end)
	}
	return end
}

func readBool(src string, i int, p *bool) int {
	switch rest := src[i:]; {
	case strings.HasPrefix(rest, "true"):
		*p = true
		return i + len("true")
	case strings.HasPrefix(rest, "false"):
		return i + len("false")
	}
	return failed
}

// readText returns the string at i. Without escapes it is a part of src.
func readText(src string, i int) (string, int) {
	end, escaped := scanText(src, i)
	if end < 0 {
		return "", failed
	}
	if !escaped {
		return src[i+1 : end-1], end
	}
	b, err := jsontext.AppendUnquote(make([]byte, 0, end-i), src[i:end])
	if err != nil { // half of a surrogate pair, which the library may know how to replace
		return "", failed
	}
	return unsafe.String(unsafe.SliceData(b), len(b)), end
}

// readInstant reads times in UTC, which most are. For the others package time is too lax, and
// the library knows more.
func readInstant(src string, i int, p *time.Time) int {
	const least, hour, second = len(`"2006-01-02T15:04:05Z"`), len(`"2006-01-02T15`), len(`"2006-01-02T15:04:05`)
	s, end := readText(src, i)
	if end-i < least || len(s) != end-i-2 || src[i+hour] != ':' || src[end-2] != 'Z' ||
		src[i+second] != '.' && src[i+second] != 'Z' || p.UnmarshalText(part(src, i+1, end-1)) != nil {
		return failed
	}
	return end
}

// A header is what a slice is to the runtime.
type header struct {
	data     unsafe.Pointer
	len, cap int
}

// fewElements is the room that a list begins with.
const fewElements = 4

func (n *node) readList(src string, i, depth int, p unsafe.Pointer) int {
	if at(src, i) != '[' {
		return failed
	}
	h := (*header)(p)
	if i++; at(src, i) == ']' {
		h.data = unsafe.Pointer(&nothing)
		return i + 1
	}
	slice := reflect.NewAt(n.typ, p).Elem()
	for k := 0; ; k++ {
		if k == h.cap {
			h.len = k
			slice.Grow(max(fewElements, k))
		}
		i = n.elem.read(src, i, depth-1, unsafe.Add(h.data, uintptr(k)*n.size))
		switch at(src, i) {
		case ',':
			i++
		case ']':
			h.len = k + 1
			return i + 1
		default:
			return failed
		}
	}
}

// nothing is where empty slices are.
var nothing struct{}

func (n *node) readDict(src string, i, depth int, p unsafe.Pointer) int {
	if at(src, i) != '{' {
		return failed
	}
	m := reflect.NewAt(n.typ, p).Elem()
	m.Set(reflect.MakeMap(n.typ))
	if i++; at(src, i) == '}' {
		return i + 1
	}
	key, elem := reflect.New(n.typ.Key()), reflect.New(n.typ.Elem())
	for members := 1; ; members++ {
		*(*string)(key.UnsafePointer()), i = readText(src, i)
		if at(src, i) != ':' {
			return failed
		}
		elem.Elem().SetZero()
		i = n.elem.read(src, i+1, depth-1, elem.UnsafePointer())
		m.SetMapIndex(key.Elem(), elem.Elem())
		switch at(src, i) {
		case ',':
			i++
		case '}':
			if m.Len() < members { // a name was there twice
				return failed
			}
			return i + 1
		default:
			return failed
		}
	}
}

func (n *node) readRecord(src string, i, depth int, p unsafe.Pointer) int {
	if at(src, i) != '{' {
		return failed
	}
	if i++; at(src, i) == '}' {
		return i + 1
	}
	seen, last := uint64(0), 0
	for {
		k, value := n.member(src, i, last)
		switch {
		case value < 0:
			return failed
		case k == 0:
			i = skip(src, value, depth-1+spareDepth)
		case seen&(1<<(k-1)) != 0:
			return failed
		default:
			f := &n.fields[k-1]
			i = f.node.read(src, value, depth-1, unsafe.Add(p, f.offset))
			seen, last = seen|1<<(k-1), k
		}
		switch at(src, i) {
		case ',':
			i++
		case '}':
			return i + 1
		default:
			return failed
		}
	}
}

// member returns which field the member at i is, counted from one, and where its value is.
// The last one is the field that was before it.
func (n *node) member(src string, i, last int) (k, value int) {
	if k := n.follow[last].Load(); k != 0 {
		if name := n.fields[k-1].quoted[1:]; strings.HasPrefix(src[i:], name) {
			return int(k), i + len(name)
		}
	}
	name, i := readText(src, i)
	if at(src, i) != ':' {
		return 0, failed
	}
	if k = n.index[name]; k != 0 {
		n.follow[last].CompareAndSwap(0, int32(k))
	}
	return k, i + 1
}
