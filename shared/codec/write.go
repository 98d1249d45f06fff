package codec

import (
	"bytes"
	"cmp"
	"math"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/go-json-experiment/json"
)

// write appends the value that p points to. It is not ok when the library has to have a look;
// what has been written by then is given up.
func (n *node) write(dst []byte, depth int, p unsafe.Pointer) (_ []byte, ok bool) {
	if depth == 0 {
		return dst, false
	}
	switch n.kind {
	case verbatim:
		if value := *(*[]byte)(p); len(value) > 0 {
			return append(dst, value...), true
		}
		return append(dst, "null"...), true
	case boolean:
		return strconv.AppendBool(dst, *(*bool)(p)), true
	case text:
		return appendText(dst, *(*string)(p))
	case integer:
		unused := 64 - 8*n.size
		return strconv.AppendInt(dst, int64(load(p, n.size)<<unused)>>unused, 10), true
	case natural:
		return strconv.AppendUint(dst, load(p, n.size), 10), true
	case float:
		return n.writeFloat(dst, p)
	case instant:
		return appendInstant(dst, *(*time.Time)(p))
	case list:
		return n.writeList(dst, depth, (*header)(p))
	case dict:
		return n.writeDict(dst, depth, p)
	case record:
		return n.writeRecord(dst, depth, p)
	case pointer:
		to := *(*unsafe.Pointer)(p)
		if to == nil {
			return append(dst, "null"...), true
		}
		return n.elem.write(dst, depth-1, to)
	default:
		return n.writeForeign(dst, depth, p)
	}
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func recycle(buf *bytes.Buffer) {
	if buf.Cap() <= 64<<10 {
		buffers.Put(buf)
	}
}

// writeForeign has the library write the value, which does not know how deep it is already.
func (n *node) writeForeign(dst []byte, depth int, p unsafe.Pointer) ([]byte, bool) {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	ok := json.MarshalWrite(buf, reflect.NewAt(n.typ, p).Interface(), n.opts) == nil
	value := buf.Bytes()
	dst = append(dst, value...)
	if ok && len(value) >= 2*spareDepth { // there is room for that many brackets
		ok = skip(unsafe.String(unsafe.SliceData(value), len(value)), 0, depth+spareDepth) >= 0
	}
	recycle(buf)
	return dst, ok
}

func (n *node) writeFloat(dst []byte, p unsafe.Pointer) ([]byte, bool) {
	var v float64
	if n.size == 4 {
		v = float64(*(*float32)(p))
	} else {
		v = *(*float64)(p)
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return dst, false
	}
	return appendFloat(dst, v, int(8*n.size)), true
}

// appendText appends a string, which is not ok if it is not UTF-8.
func appendText(dst []byte, s string) (_ []byte, ok bool) {
	dst = append(dst, '"')
	start := 0
	for {
		end, high := plain(s, start)
		if high && !utf8.ValidString(s[start:end]) {
			return dst, false
		}
		dst = append(dst, s[start:end]...)
		if end == len(s) {
			return append(dst, '"'), true
		}
		dst = appendEscaped(dst, s[end])
		start = end + 1
	}
}

// appendEscaped appends the shortest escape sequence of a character (RFC 8785, 3.2.2.2).
func appendEscaped(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

func appendInstant(dst []byte, t time.Time) ([]byte, bool) {
	out, err := t.AppendText(append(dst, '"'))
	if err != nil {
		return dst, false
	}
	return append(out, '"'), true
}

func (n *node) writeList(dst []byte, depth int, h *header) (_ []byte, ok bool) {
	if h.len == 0 {
		return append(dst, "[]"...), true
	}
	start := len(dst)
	for k := range h.len {
		dst = append(dst, ',')
		if dst, ok = n.elem.write(dst, depth-1, unsafe.Add(h.data, uintptr(k)*n.size)); !ok {
			return dst, false
		}
	}
	dst[start] = '['
	return append(dst, ']'), true
}

func (n *node) writeRecord(dst []byte, depth int, p unsafe.Pointer) (_ []byte, ok bool) {
	start := len(dst)
	for i := range n.fields {
		f := &n.fields[i]
		value := unsafe.Add(p, f.offset)
		if f.isZero != nil && f.isZero(value) {
			continue
		}
		before := len(dst)
		dst = append(dst, f.quoted...)
		if dst, ok = f.node.write(dst, depth-1, value); !ok {
			return dst, false
		}
		if f.omitEmpty && isEmpty(dst[before+len(f.quoted):]) {
			dst = dst[:before]
		}
	}
	return closed(dst, start), true
}

// closed makes an object of members that each begin with a comma.
func closed(dst []byte, start int) []byte {
	if len(dst) == start {
		return append(dst, "{}"...)
	}
	dst[start] = '{'
	return append(dst, '}')
}

// isEmpty is what omitempty means.
func isEmpty(value []byte) bool {
	switch string(value) {
	case "null", `""`, "[]", "{}":
		return true
	}
	return false
}

// An entry is a member of a map as it has been written.
type entry struct {
	name       string
	start, end int
}

// writeDict writes the members as they come, and then puts them in order.
func (n *node) writeDict(dst []byte, depth int, p unsafe.Pointer) (_ []byte, ok bool) {
	m := reflect.NewAt(n.typ, p).Elem()
	if m.Len() == 0 {
		return append(dst, "{}"...), true
	}
	entries := make([]entry, 0, m.Len())
	key, elem := reflect.New(n.typ.Key()), reflect.New(n.typ.Elem())
	start := len(dst)
	for iter := m.MapRange(); iter.Next(); {
		key.Elem().SetIterKey(iter)
		elem.Elem().SetIterValue(iter)
		e := entry{name: *(*string)(key.UnsafePointer()), start: len(dst)}
		if dst, ok = appendText(append(dst, ','), e.name); !ok {
			return dst, false
		}
		if dst, ok = n.elem.write(append(dst, ':'), depth-1, elem.UnsafePointer()); !ok {
			return dst, false
		}
		e.end = len(dst)
		entries = append(entries, e)
	}
	byName := func(a, b entry) int { return cmp.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(entries, byName) {
		slices.SortFunc(entries, byName)
		buf := buffers.Get().(*bytes.Buffer)
		buf.Reset()
		buf.Write(dst[start:])
		unsorted := buf.Bytes()
		dst = dst[:start]
		for _, e := range entries {
			dst = append(dst, unsorted[e.start-start:e.end-start]...)
		}
		recycle(buf)
	}
	return closed(dst, start), true
}
