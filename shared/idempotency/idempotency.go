// Package idempotency remembers what was answered to a write, so that the same write that is
// sent again is answered the same and not made twice: the records behind the header
// Idempotency-Key. They are in the Redis that replicas share or, without one, in this process.
package idempotency

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/go-json-experiment/json"

	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/redis"
)

// Config is a section "idempotency".
type Config struct {
	// TTL is how long an answer is remembered.
	TTL time.Duration `yaml:"ttl" default:"24h" validate:"min=1s,max=168h"`
	// Required refuses writes without a key.
	Required bool `yaml:"required"`
	// MaxBody bounds the body of a write with a key, and that of an answer which can be given
	// again.
	MaxBody int64 `yaml:"max_body" default:"1MiB" unit:"bytes" validate:"min=1,max=16777216"`
}

// A Key is a client's name for one of its writes. Each principal has its own at each endpoint.
type Key struct{ Endpoint, Issuer, Subject, Key string }

// name tells nothing of who it is.
func (k Key) name() string {
	var b []byte
	for _, part := range []string{k.Endpoint, k.Issuer, k.Subject, k.Key} {
		b = strconv.AppendInt(b, int64(len(part)), 10)
		b = append(b, ':')
		b = append(b, part...)
	}
	digest := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

// A Fingerprint is the hash of everything that makes one write the same as another.
type Fingerprint [sha256.Size]byte

// An Answer is what can be given again.
type Answer struct {
	Status int         `json:"status"`
	Header http.Header `json:"-"` // see written
	Body   []byte      `json:"body,omitempty"`
	// Refused is a service's refusal, in place of the rest.
	Refused *Refusal `json:"refused,omitempty"`
	// TooLarge means that the write was made, and its answer could not be kept.
	TooLarge bool `json:"too_large,omitempty"`
}

// A Refusal is what a service has refused a write with.
type Refusal struct {
	Status int           `json:"status"`
	Detail string        `json:"detail,omitempty"`
	Fields []fault.Field `json:"fields,omitempty"`
}

// A written answer has its headers byte by byte: they need not be UTF-8, as texts in JSON are.
type written struct {
	Answer
	Header map[string][][]byte `json:"header,omitempty"`
}

func encode(a *Answer) ([]byte, error) {
	w := written{Answer: *a, Header: make(map[string][][]byte, len(a.Header))}
	for name, values := range a.Header {
		w.Header[name] = make([][]byte, len(values))
		for i, value := range values {
			w.Header[name][i] = []byte(value)
		}
	}
	return json.Marshal(&w)
}

func decode(b []byte) (*Answer, error) {
	var w written
	if err := json.Unmarshal(b, &w); err != nil || len(w.Header) == 0 {
		return &w.Answer, err
	}
	a := &w.Answer
	a.Header = make(http.Header, len(w.Header))
	for name, values := range w.Header {
		a.Header[name] = make([]string, len(values))
		for i, value := range values {
			a.Header[name][i] = string(value)
		}
	}
	return a, nil
}

// Why a key cannot be claimed.
var (
	ErrInFlight    = errors.New("idempotency: the write is under way")
	ErrOther       = errors.New("idempotency: the key was used for another write")
	ErrUnavailable = errors.New("idempotency: the records cannot be reached")
)

// Records are safe for concurrent use.
type Records struct {
	store store
	own   *memory // also what the store has failed to keep
}

// A store keeps values by name. A value is replaced or removed only by who knows it.
type store interface {
	// claim returns what is there, or keeps pending for that long.
	claim(ctx context.Context, name string, pending []byte, lease time.Duration) (found []byte, err error)
	settle(ctx context.Context, name string, pending, settled []byte, ttl time.Duration) error
	release(name string, pending []byte)
}

// New returns records in Redis. Without one they are in this process, at most 64 MiB of them:
// beyond, the oldest are forgotten.
func New(client *redis.Client) *Records {
	r := &Records{own: newMemory(64 << 20)}
	r.store = r.own
	if client != nil {
		r.store = &remote{client}
	}
	return r
}

// A Claim is a write that is being made. It ends with Settle or Release, of which only the
// first counts.
type Claim struct {
	records *Records
	name    string
	write   Fingerprint
	pending []byte
	over    bool
}

// A value begins with its kind and the fingerprint of its write, and ends with a hash of it all
// and of its name, so that nothing else is taken for it.
const (
	pending = 'p' // a token follows
	settled = 's' // an Answer follows
	head    = 1 + sha256.Size
	tail    = 8
)

func newValue(name string, kind byte, write Fingerprint, rest []byte) []byte {
	b := make([]byte, 0, head+len(rest)+tail)
	b = append(append(append(b, kind), write[:]...), rest...)
	return binary.LittleEndian.AppendUint64(b, hashOf(name, b))
}

// readValue takes apart what newValue has made for the same name.
func readValue(name string, b []byte) (kind byte, write Fingerprint, rest []byte, ok bool) {
	end := len(b) - tail
	if end < head || binary.LittleEndian.Uint64(b[end:]) != hashOf(name, b[:end]) {
		return 0, Fingerprint{}, nil, false
	}
	return b[0], Fingerprint(b[1:head]), b[head:end], true
}

func hashOf(name string, b []byte) uint64 {
	d := xxhash.New()
	_, _ = d.WriteString(name)
	_, _ = d.Write(b)
	return d.Sum64()
}

// Claim begins a write, or returns the answer that it was given. The claim lasts for lease:
// when its maker has died, the key is free again. The error is one of [ErrInFlight],
// [ErrOther] and [ErrUnavailable].
func (r *Records) Claim(ctx context.Context, key Key, write Fingerprint, lease time.Duration) (*Claim, *Answer, error) {
	c := &Claim{records: r, name: key.name(), write: write}
	c.pending = newValue(c.name, pending, write, []byte(rand.Text()))
	found := r.own.get(c.name)
	if found == nil {
		var err error
		if found, err = r.store.claim(ctx, c.name, c.pending, lease); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	if found == nil {
		return c, nil, nil
	}
	kind, of, rest, ok := readValue(c.name, found)
	switch {
	case !ok:
		return nil, nil, fmt.Errorf("%w: a record is malformed", ErrUnavailable)
	case of != write:
		return nil, nil, ErrOther
	case kind == pending:
		return nil, nil, ErrInFlight
	}
	a, err := decode(rest)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: a record is malformed", ErrUnavailable)
	}
	return nil, a, nil
}

// Settle remembers the answer for ttl. Where the store cannot be reached any more, this
// process does, for whoever asks it.
func (c *Claim) Settle(ctx context.Context, a *Answer, ttl time.Duration) error {
	if c.over {
		return nil
	}
	c.over = true
	encoded, err := encode(a)
	if err != nil {
		c.records.store.release(c.name, c.pending)
		return err
	}
	value := newValue(c.name, settled, c.write, encoded)
	if err = c.records.store.settle(ctx, c.name, c.pending, value, ttl); err != nil {
		c.records.own.put(c.name, value, ttl)
	}
	return err
}

// Release frees the key, since nothing is to be remembered.
func (c *Claim) Release() {
	if !c.over {
		c.over = true
		c.records.store.release(c.name, c.pending)
	}
}
