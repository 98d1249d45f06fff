package policy

import (
	"math"
	"sync"
	"time"
)

// A budget says which attempts a service may get on top of its calls: so many per call, or
// so many per second where its calls bring fewer than these. The floor is lent at the
// beginning of a second, and its calls pay it back; only what they have not paid by then is
// given. So the two never add up: while each second's calls bring the floor, there are
// exactly so many attempts per call, from the first second on.
//
// What is not spent is kept as long as the last second's calls would bring as much, so that
// a quiet hour does not pay for a storm. Seconds begin with a call, so that a storm does not
// meet the end of a quiet one.
type budget struct {
	perCall, floor, keep int64 // in parts of a token, of which an attempt costs one

	mu      sync.Mutex
	tokens  int64     // below zero: lent
	began   time.Time // this second
	brought int64     // by its calls
	before  int64     // by those of the second before
}

const token = int64(time.Second) // in parts, which are integers so that ten tenths are one

// newBudget has a floor of perSecond, and always keeps up to a number of tokens.
func newBudget(perCall, perSecond, keep float64) *budget {
	parts := func(tokens float64) int64 { return int64(math.Round(tokens * float64(token))) }
	return &budget{perCall: parts(perCall), floor: parts(perSecond), keep: parts(keep)}
}

// deposit is told of each call.
func (b *budget) deposit(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now, time.Second)
	b.brought += b.perCall
	b.tokens = min(b.tokens+b.perCall, max(b.keep, b.brought, b.before))
}

// withdraw reports whether there may be an attempt.
func (b *budget) withdraw(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now, 2*time.Second) // there are no calls that could begin it
	if b.tokens+b.lends() < token {
		return false
	}
	b.tokens -= token
	return true
}

// lends is what the floor lends on top of what there is: nothing where calls bring as much.
func (b *budget) lends() int64 {
	if b.before >= b.floor {
		return 0
	}
	return max(0, b.floor-b.brought)
}

// turn begins another second if this one has taken so long.
func (b *budget) turn(now time.Time, long time.Duration) {
	age := now.Sub(b.began)
	if age < long {
		return
	}
	b.before, b.brought, b.began = int64(float64(b.brought)/age.Seconds()), 0, now
	if b.before >= b.floor {
		b.tokens = min(b.tokens, max(b.keep, b.before))
		return
	}
	lacked := min(float64(b.floor-b.before)*age.Seconds(), float64(b.floor+b.keep)) // more cannot be owed
	b.tokens = min(b.tokens+int64(lacked), b.keep)
}
