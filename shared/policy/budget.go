package policy

import (
	"math"
	"sync"
	"time"
)

// A budget is a bucket of tokens, one for each attempt on top of the traffic. Calls and
// time fill it. What it holds is bounded, so that a quiet hour does not pay for a storm.
type budget struct {
	perCall, perSecond, most int64 // in parts of a token

	mu     sync.Mutex
	tokens int64
	filled time.Time
}

const token = int64(time.Second) // in parts, which are integers so that ten tenths are one

// newBudget holds what a second brings, to begin with.
func newBudget(perCall, perSecond, most float64) *budget {
	parts := func(tokens float64) int64 { return int64(math.Round(tokens * float64(token))) }
	return &budget{
		perCall: parts(perCall), perSecond: parts(perSecond), most: parts(most),
		tokens: parts(perSecond), filled: time.Now(),
	}
}

func (b *budget) deposit() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+b.perCall, b.most)
}

func (b *budget) withdraw() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	brought := now.Sub(b.filled).Seconds() * float64(b.perSecond)
	b.tokens, b.filled = min(b.tokens+int64(min(brought, float64(b.most))), b.most), now
	if b.tokens < token {
		return false
	}
	b.tokens -= token
	return true
}
