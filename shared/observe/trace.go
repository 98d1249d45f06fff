package observe

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"strings"
)

// A Trace is a position in a distributed trace (W3C Trace Context, level 1). It is a
// value; the zero Trace is invalid.
type Trace struct {
	id    [32]byte // in hexadecimal, as everybody wants it
	span  [8]byte
	flags byte
	state string // tracestate, passed on unchanged
}

const (
	traceparent = "Traceparent"
	tracestate  = "Tracestate"
	// A longer tracestate than must be passed on (section 3.3.1.5) is dropped.
	maxTraceState = 512
)

// ReadTrace continues the trace of a request, or begins one if the request has none or
// a malformed one.
func ReadTrace(h http.Header) Trace {
	t, ok := parseTraceparent(h.Values(traceparent))
	if !ok {
		var id [16]byte
		binary.LittleEndian.PutUint64(id[:], rand.Uint64())
		binary.LittleEndian.PutUint64(id[8:], rand.Uint64())
		t = Trace{}
		hex.Encode(t.id[:], id[:])
	} else if state := strings.Join(h.Values(tracestate), ","); len(state) <= maxTraceState {
		t.state = state
	}
	return t.child()
}

// Write passes the trace on, with a new span for the receiver's parent. It replaces what
// there is of a trace: an empty value takes a header away. An invalid Trace writes nothing.
func (t Trace) Write(header interface{ Set(name, value string) }) {
	if t == (Trace{}) {
		return
	}
	header.Set(traceparent, t.child().String())
	header.Set(tracestate, t.state)
}

// ID is the trace's id in hexadecimal; of the zero Trace, zeros.
func (t Trace) ID() string {
	if t == (Trace{}) {
		return noTrace
	}
	return string(t.id[:])
}

const noTrace = "00000000000000000000000000000000"

// String is the traceparent header.
func (t Trace) String() string {
	var room [55]byte
	b := append(room[:0], "00-"...)
	b = append(b, t.id[:]...)
	b = append(b, '-')
	b = hex.AppendEncode(b, t.span[:])
	b = append(b, '-')
	b = append(b, '0', '0'+t.flags) // parseTraceparent keeps one bit
	return string(b)
}

func (t Trace) child() Trace {
	binary.LittleEndian.PutUint64(t.span[:], rand.Uint64()|1) // zero is invalid
	return t
}

// parseTraceparent accepts exactly one header of a known form; a later version may be
// longer (section 4.3 of the recommendation).
func parseTraceparent(values []string) (t Trace, ok bool) {
	if len(values) != 1 {
		return t, false
	}
	s := values[0]
	if len(s) < 55 || s[2] != '-' || s[35] != '-' || s[52] != '-' {
		return t, false
	}
	version, okv := lowerHex(s[:2])
	_, oki := lowerHex(s[3:35])
	span, oks := lowerHex(s[36:52])
	flags, okf := lowerHex(s[53:55])
	if !okv || !oki || !oks || !okf || version[0] == 0xff {
		return t, false
	}
	if version[0] == 0 && len(s) != 55 || len(s) > 55 && s[55] != '-' {
		return t, false
	}
	copy(t.id[:], s[3:35])
	copy(t.span[:], span)
	t.flags = flags[0] & 1
	return t, s[3:35] != noTrace && t.span != [8]byte{}
}

func lowerHex(s string) ([]byte, bool) {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return nil, false
		}
	}
	b, err := hex.DecodeString(s)
	return b, err == nil
}
