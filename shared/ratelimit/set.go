package ratelimit

import (
	"sync"
	"time"
)

// ways are so many that sets seldom run out of places before the limiter does, and so few
// that looking through all of them costs next to nothing.
const ways = 16

// A set has the buckets of the clients whose hashes lead to it, under one lock.
type set struct {
	mu      sync.Mutex
	buckets [ways]bucket
}

// A bucket is nobody's and always full as long as it is zero.
type bucket struct {
	owner uint64        // a client's hash
	full  time.Duration // when it will be or was full, after the limiter's start
}

// find returns the owner's bucket or, if there is none, the one to take over: that which is
// nearest to full. It can only have become emptier when somebody who lost it comes back.
func (s *set) find(owner uint64) *bucket {
	fullest := &s.buckets[0]
	for i := range s.buckets {
		b := &s.buckets[i]
		if b.owner == owner {
			return b
		}
		if b.full < fullest.full {
			fullest = b
		}
	}
	return fullest
}
