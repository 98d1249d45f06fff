package endpoint

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A coding is a content coding (RFC 9110, 8.4.1). compress is safe for concurrent use.
type coding struct {
	name     string
	header   []string // Content-Encoding
	compress func(dst *bytes.Buffer, src []byte)
}

// codings are what is offered, best first.
var codings = []*coding{
	{"zstd", []string{"zstd"}, compressZstd},
	{"gzip", []string{"gzip"}, compressGzip},
}

// negotiate picks the coding that the client likes best, or nil for none (RFC 9110,
// 12.5.3). Among equals ours decides.
func negotiate(accept []string) *coding {
	if len(accept) == 0 {
		return nil
	}
	header := strings.Join(accept, ",")
	var best *coding
	bestQ := 0.0
	for _, c := range codings {
		if q := quality(header, c.name); q > bestQ {
			best, bestQ = c, q
		}
	}
	if quality(header, "identity") > bestQ {
		return nil
	}
	return best
}

// quality is the weight that an Accept-Encoding header gives a coding.
func quality(header, name string) float64 {
	wildcard := 0.0
	for part := range strings.SplitSeq(header, ",") {
		token, params, _ := strings.Cut(part, ";")
		q := 1.0
		if _, value, ok := strings.Cut(params, "="); ok {
			q, _ = strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
		switch strings.ToLower(strings.TrimSpace(token)) {
		case name:
			return q
		case "*":
			wildcard = q
		}
	}
	if name == "identity" {
		return 0 // acceptable, but not preferred, unless it is named
	}
	return wildcard
}

var gzipWriters = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return w
}}

func compressGzip(dst *bytes.Buffer, src []byte) {
	w := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(w)
	w.Reset(dst)
	_, _ = w.Write(src) // a buffer takes everything
	_ = w.Close()
}

// zstdWriter keeps to a window that every browser accepts (RFC 9659: 8 MiB).
var zstdWriter = sync.OnceValue(func() *zstd.Encoder {
	w, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<20)) // valid options
	return w
})

func compressZstd(dst *bytes.Buffer, src []byte) {
	dst.Write(zstdWriter().EncodeAll(src, dst.AvailableBuffer()))
}
