package idempotency

import (
	"bytes"
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// memory keeps records in this process, in the order in which they were claimed.
type memory struct {
	mu      sync.Mutex
	most    int
	size    int
	records map[string]*list.Element
	order   list.List // of *record, the oldest first
	soonest time.Time // before it no record's time is over
}

type record struct {
	name  string
	value []byte
	until time.Time
}

func newMemory(most int) *memory { return &memory{most: most, records: make(map[string]*list.Element)} }

// perRecord is about what a record takes besides its name and value.
const perRecord = 256

func (r *record) size() int { return len(r.name) + len(r.value) + perRecord }

func (m *memory) get(name string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.find(name)
}

// find returns nil for what is not there, or not any more.
func (m *memory) find(name string) []byte {
	e := m.records[name]
	if e == nil {
		return nil
	}
	if r := e.Value.(*record); time.Now().Before(r.until) {
		return r.value
	}
	m.remove(e)
	return nil
}

func (m *memory) remove(e *list.Element) {
	r := m.order.Remove(e).(*record)
	m.size -= r.size()
	delete(m.records, r.name)
}

func (m *memory) put(name string, value []byte, ttl time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.set(name, value, ttl)
}

func (m *memory) set(name string, value []byte, ttl time.Duration) error {
	if e := m.records[name]; e != nil {
		m.remove(e)
	}
	now := time.Now()
	r := &record{name, value, now.Add(ttl)}
	if !m.makeRoom(r.size(), now) {
		return errors.New("idempotency: there is no room for another record")
	}
	m.records[name] = m.order.PushBack(r)
	m.size += r.size()
	if m.soonest.IsZero() || r.until.Before(m.soonest) {
		m.soonest = r.until
	}
	return nil
}

// makeRoom makes room by what is over, then by the oldest answers; what is under way stays.
func (m *memory) makeRoom(size int, now time.Time) bool {
	for e := m.order.Front(); e != nil && !now.Before(e.Value.(*record).until); e = m.order.Front() {
		m.remove(e)
	}
	if m.size+size > m.most && !now.Before(m.soonest) {
		m.sweep(now)
	}
	for e := m.order.Front(); e != nil && m.size+size > m.most; {
		next := e.Next()
		if e.Value.(*record).value[0] == settled {
			m.remove(e)
		}
		e = next
	}
	return m.size+size <= m.most
}

// sweep removes all that is over.
func (m *memory) sweep(now time.Time) {
	m.soonest = time.Time{}
	for e := m.order.Front(); e != nil; {
		next, r := e.Next(), e.Value.(*record)
		switch {
		case !now.Before(r.until):
			m.remove(e)
		case m.soonest.IsZero() || r.until.Before(m.soonest):
			m.soonest = r.until
		}
		e = next
	}
}

func (m *memory) claim(_ context.Context, name string, pending []byte, lease time.Duration) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if found := m.find(name); found != nil {
		return found, nil
	}
	return nil, m.set(name, pending, lease)
}

func (m *memory) settle(_ context.Context, name string, pending, settled []byte, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if found := m.find(name); found != nil && !bytes.Equal(found, pending) {
		return errors.New("idempotency: the write took longer than its lease, and was begun anew")
	}
	return m.set(name, settled, ttl)
}

func (m *memory) release(name string, pending []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if bytes.Equal(m.find(name), pending) {
		m.remove(m.records[name])
	}
}
