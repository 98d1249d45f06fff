package identity

import (
	"crypto/sha256"
	"sync"
	"time"
)

// A verified token is who it speaks for, and from when until when it does: outside of
// these, verifying it again would refuse it.
type verified struct {
	principal   Principal // without the token
	from, until time.Time
}

// A memory holds the tokens that one set of keys has verified: whoever replaces the keys
// replaces the memory. It knows a token by the SHA-256 of all of it, and keeps no token. It
// is bounded: when young is full it becomes old, and what was old and not asked for in
// the meantime is forgotten. A nil memory remembers nothing.
type memory struct {
	half int // of what it may hold: the size of young, and of old

	mu         sync.Mutex
	young, old map[digest]*verified
}

type digest [sha256.Size]byte

func newMemory(maxTokens int) *memory {
	half := maxTokens / 2
	if half == 0 {
		return nil
	}
	return &memory{half: half, young: make(map[digest]*verified)}
}

// recall finds a token that holds now, and else returns nil. The digest is for
// [memory.remember].
func (m *memory) recall(token string, now time.Time) (digest, *verified) {
	if m == nil || len(token) > maxTokenBytes {
		return digest{}, nil
	}
	d := digestOf(token)
	v := m.find(d)
	if v == nil || now.Before(v.from) || !now.Before(v.until) {
		return d, nil
	}
	return d, v
}

// digestOf copies the token piece by piece, for converting all of it would allocate.
func digestOf(token string) (d digest) {
	var piece [512]byte
	h := sha256.New()
	for len(token) > 0 {
		n := copy(piece[:], token)
		h.Write(piece[:n])
		token = token[n:]
	}
	h.Sum(d[:0])
	return d
}

func (m *memory) find(d digest) *verified {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.young[d]; ok {
		return v
	}
	v, ok := m.old[d]
	if ok {
		m.put(d, v)
	}
	return v
}

// remember keeps v, which nobody may change any more.
func (m *memory) remember(d digest, v *verified) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(d, v)
}

func (m *memory) put(d digest, v *verified) {
	if len(m.young) >= m.half {
		m.young, m.old = make(map[digest]*verified), m.young
	}
	m.young[d] = v
}
