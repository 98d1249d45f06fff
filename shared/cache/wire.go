package cache

import (
	"bytes"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"
)

// A Codec writes values of a store for other replicas, and reads what they have written.
type Codec[V any] struct {
	Append func([]byte, V) []byte
	Read   func(*Reader) V // what is not there is the Reader's failure
}

// An envelope is what stands in the second level: a byte for its version, one that says
// whether what follows is compressed, then the contents, and a hash of it all.
const (
	version  = 1
	plain    = 0
	packed   = 1
	hashSize = 8

	packFrom  = 512      // smaller ones hardly shrink
	maxLength = 64 << 20 // of the contents
)

var errGarbage = errors.New("cache: what is kept in the second level cannot be read")

// The library's own defaults would keep megabytes for each core.
var (
	packer = sync.OnceValue(func() *zstd.Encoder {
		e, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true),
			zstd.WithWindowSize(256<<10), zstd.WithEncoderCRC(false)) // all options are valid
		return e
	})
	unpacker = sync.OnceValue(func() *zstd.Decoder {
		d, _ := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxLength), zstd.WithDecoderLowmem(true))
		return d
	})
)

// seal writes contents for the second level. The contents say which key they belong to: not
// by the key itself, in which there may be credentials, but by a hash that has nothing to do
// with the one that they are found by.
func seal[V any](c Codec[V], key string, era uint64, s Stamps, v V) []byte {
	digest := sha512.Sum512_256([]byte(key))
	b := append(make([]byte, 0, 1024), digest[:]...)
	b = binary.AppendUvarint(b, era)
	b = binary.AppendVarint(b, s.taken.UnixMicro())
	b = binary.AppendUvarint(b, uint64(len(s.list)))
	for _, one := range s.list {
		b = binary.AppendUvarint(b, uint64(one.slot))
		b = binary.AppendUvarint(b, one.generation)
	}
	b = c.Append(b, v)
	sealed := []byte{version, plain}
	if len(b) < packFrom {
		sealed = append(sealed, b...)
	} else {
		sealed[1] = packed
		sealed = packer().EncodeAll(b, sealed)
	}
	return binary.LittleEndian.AppendUint64(sealed, xxhash.Sum64(sealed))
}

// unseal reads what seal wrote for the same key.
func unseal[V any](c Codec[V], key string, sealed []byte) (v V, era uint64, s Stamps, err error) {
	end := len(sealed) - hashSize
	if end < 2 || sealed[0] != version || binary.LittleEndian.Uint64(sealed[end:]) != xxhash.Sum64(sealed[:end]) {
		return v, 0, s, errGarbage
	}
	contents := sealed[2:end]
	if sealed[1] == packed {
		if contents, err = unpacker().DecodeAll(contents, nil); err != nil {
			return v, 0, s, errGarbage
		}
	}
	digest := sha512.Sum512_256([]byte(key))
	r := &Reader{rest: contents}
	if !bytes.Equal(r.take(len(digest)), digest[:]) {
		return v, 0, s, errGarbage
	}
	era, s.taken = r.Uint(), time.UnixMicro(r.Int())
	for range r.Count() {
		s.list = append(s.list, stamp{uint16(r.Uint()), r.Uint()})
	}
	v = c.Read(r)
	if r.failed || len(r.rest) > 0 {
		return v, 0, s, errGarbage
	}
	return v, era, s, nil
}

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

func (r *Reader) take(n int) []byte {
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
		r.take(-1)
		return 0
	}
	r.take(size)
	return n
}

// Int reads what binary.AppendVarint appended.
func (r *Reader) Int() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.take(-1)
		return 0
	}
	r.take(size)
	return n
}

// Count reads how many parts follow, each of at least a byte.
func (r *Reader) Count() int {
	n := r.Uint()
	if n > uint64(len(r.rest)) {
		r.take(-1)
		return 0
	}
	return int(n)
}

// Bytes reads what AppendText appended; it is part of what is read.
func (r *Reader) Bytes() []byte { return r.take(r.Count()) }

// Text is Bytes as a string of its own.
func (r *Reader) Text() string { return string(r.Bytes()) }

// AppendText appends s behind its length.
func AppendText[T string | []byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
