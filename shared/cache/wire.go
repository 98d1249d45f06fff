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

	"github.com/facet-bff/facet/shared/cache/pack"
)

// A Codec writes values of a store for other replicas, and reads what they have written.
type Codec[V any] struct {
	Append func([]byte, V) []byte
	Read   func(*pack.Reader) V // what is not there is the Reader's failure
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
		b = binary.AppendUvarint(b, one.epoch)
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
	r := pack.NewReader(contents)
	if !bytes.Equal(r.Take(len(digest)), digest[:]) {
		return v, 0, s, errGarbage
	}
	era, s.taken = r.Uint(), time.UnixMicro(r.Int())
	for range r.Count() {
		s.list = append(s.list, stamp{uint16(r.Uint()), r.Uint()})
	}
	v = c.Read(r)
	if !r.Done() {
		return v, 0, s, errGarbage
	}
	return v, era, s, nil
}
