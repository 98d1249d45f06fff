package observe

import (
	"strings"
	"time"
)

// Keeping is for how long an answer may be kept, by what the services say of the parts that
// it is made of.
type Keeping struct {
	// Until is when the first part that has an end of its time ends; zero: none has.
	Until time.Time
	// Silent means that some part does not say how long it may be kept, so that nobody but
	// the gateway, which is told by its configuration, may keep the whole.
	Silent bool
	// Private means that some part is for one caller only, and Never that some part must
	// not be kept.
	Private, Never bool
}

// Narrow adds a part to the request's answer: the strictest of its parts holds for the whole.
// It does nothing for a nil Request.
func (r *Request) Narrow(part Keeping) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k := &r.keeping
	if k.Until.IsZero() || !part.Until.IsZero() && part.Until.Before(k.Until) {
		k.Until = part.Until
	}
	k.Silent = k.Silent || part.Silent
	k.Private = k.Private || part.Private
	k.Never = k.Never || part.Never
	r.parts++
}

// Keeping is the strictest of all parts so far. Without any it is Silent.
func (r *Request) Keeping() Keeping {
	if r == nil {
		return Keeping{Silent: true}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.keeping
	k.Silent = k.Silent || r.parts == 0
	return k
}

// Stale names the steps that got by with an answer that was past its time, as a list of
// structured fields (RFC 9651). It is empty for a nil Request.
func (r *Request) Stale() string {
	if r == nil {
		return ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for _, s := range r.steps {
		if s.stale.Load() == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s.name)
	}
	return b.String()
}
