package observe

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// A Step is what is noted of one step of a composition while it runs. Its methods are
// safe for concurrent use, and do nothing on a nil Step.
type Step struct {
	ctx     carrier[stepKey, *Step]
	name    string
	started time.Time

	optional bool // written before anybody else has the step

	took    atomic.Int64 // nanoseconds; 0 until Done
	cached  atomic.Int32
	stale   atomic.Int32
	shared  atomic.Int32
	retries atomic.Int32
	hedged  atomic.Int32
}

type stepKey struct{}

// StartStep begins a step of r and returns a context in which policies find it. A nil r
// notes nothing, but times the step.
func (r *Request) StartStep(ctx context.Context, name string) (context.Context, *Step) {
	now := time.Now()
	if r == nil {
		return ctx, &Step{name: name, started: now}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.spare) == 0 {
		r.spare = make([]Step, 4) // most compositions have a few
	}
	s := &r.spare[0]
	r.spare = r.spare[1:]
	s.name, s.started = name, now
	s.ctx = carrier[stepKey, *Step]{ctx, s}
	if r.steps == nil {
		r.steps = r.first[:0]
	}
	r.steps = append(r.steps, s)
	return &s.ctx, s
}

// StepFrom returns the step that ctx belongs to, or nil.
func StepFrom(ctx context.Context) *Step {
	s, _ := ctx.Value(stepKey{}).(*Step)
	return s
}

// Name is the step's name; empty for a nil Step.
func (s *Step) Name() string {
	if s == nil {
		return ""
	}
	return s.name
}

// MayFail notes that an answer can do without the step. It is called before the step begins.
func (s *Step) MayFail() {
	if s != nil {
		s.optional = true
	}
}

// Optional reports whether an answer can do without the step.
func (s *Step) Optional() bool { return s != nil && s.optional }

// Cached notes that a call was answered from a cache.
func (s *Step) Cached() {
	if s != nil {
		s.cached.Add(1)
	}
}

// Stale notes that a call was answered from a cache with what is past its time.
func (s *Step) Stale() {
	if s != nil {
		s.stale.Add(1)
	}
}

// Shared notes that a call was answered by another caller's call.
func (s *Step) Shared() {
	if s != nil {
		s.shared.Add(1)
	}
}

// Retried notes that a call was repeated.
func (s *Step) Retried() {
	if s != nil {
		s.retries.Add(1)
	}
}

// Hedged notes that a call took long and was made a second time meanwhile.
func (s *Step) Hedged() {
	if s != nil {
		s.hedged.Add(1)
	}
}

// Done ends the step, and returns how long it took.
func (s *Step) Done() time.Duration {
	if s == nil {
		return 0
	}
	took := time.Since(s.started)
	s.took.Store(int64(took))
	return took
}

// ServerTiming renders the request's steps as a Server-Timing header: durations, and
// starts since the request arrived, in milliseconds; and how often a step's calls were
// answered from a cache, stale, shared, repeated or hedged. It is empty for a nil Request.
func (r *Request) ServerTiming() string {
	if r == nil {
		return ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for i, s := range r.steps {
		if i > 0 {
			b.WriteString(", ")
		}
		s.write(&b, r.Start)
	}
	return b.String()
}

func (s *Step) write(b *strings.Builder, arrived time.Time) {
	b.WriteString(s.name)
	b.WriteString(";start=" + millis(s.started.Sub(arrived)))
	b.WriteString(";dur=" + millis(time.Duration(s.took.Load())))
	count := func(name string, n int32) {
		if n > 0 {
			b.WriteString(";" + name + "=" + strconv.Itoa(int(n)))
		}
	}
	count("cached", s.cached.Load())
	count("stale", s.stale.Load())
	count("shared", s.shared.Load())
	count("retries", s.retries.Load())
	count("hedged", s.hedged.Load())
}

func millis(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', -1, 64)
}
