// Package pack writes values for other replicas, and reads what they have written: numbers,
// texts and flags behind each other, without names.
package pack

import "encoding/binary"

// A Reader reads what [AppendText] and the functions of encoding/binary have appended. It
// fails once for all: afterwards everything is empty, and what was read counts for nothing.
type Reader struct {
	rest   []byte
	failed bool
}

// NewReader returns a reader of b, whose parts it returns.
func NewReader(b []byte) *Reader { return &Reader{rest: b} }

// Done reports whether all was read, and nothing was missing.
func (r *Reader) Done() bool { return !r.failed && len(r.rest) == 0 }

// Fail says that what was read cannot be meant.
func (r *Reader) Fail() { r.failed, r.rest = true, nil }

// Take reads n bytes, which are part of what is read.
func (r *Reader) Take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.Fail()
		return nil
	}
	part := r.rest[:n:n]
	r.rest = r.rest[n:]
	return part
}

// Uint reads what binary.AppendUvarint appended.
func (r *Reader) Uint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.Take(-1)
		return 0
	}
	r.Take(size)
	return n
}

// Int reads what binary.AppendVarint appended.
func (r *Reader) Int() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.Take(-1)
		return 0
	}
	r.Take(size)
	return n
}

// Count reads how many parts follow, each of at least a byte.
func (r *Reader) Count() int {
	n := r.Uint()
	if n > uint64(len(r.rest)) {
		r.Take(-1)
		return 0
	}
	return int(n)
}

// Bytes reads what AppendText appended; it is part of what is read.
func (r *Reader) Bytes() []byte { return r.Take(r.Count()) }

// Text is Bytes as a string of its own.
func (r *Reader) Text() string { return string(r.Bytes()) }

// Flags reads what AppendFlags appended.
func (r *Reader) Flags(flags ...*bool) {
	set := r.Uint()
	if set>>len(flags) != 0 {
		r.Fail()
	}
	for i, flag := range flags {
		*flag = set&(1<<i) != 0
	}
}

// AppendFlags appends up to seven flags.
func AppendFlags(b []byte, flags ...bool) []byte {
	var set byte
	for i, flag := range flags {
		if flag {
			set |= 1 << i
		}
	}
	return append(b, set)
}

// AppendText appends s behind its length.
func AppendText[T string | []byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
