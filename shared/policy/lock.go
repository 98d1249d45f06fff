package policy

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// LockConfig is the section "lock" of a cache. Where replicas share a Redis, an answer that
// none of them has is asked for by one of them, while the others wait for it: see
// [cache.Store.Lock]. It costs each answer that is not there three more calls of Redis.
type LockConfig struct {
	// Default is for how long the others wait at most. 0 has every replica ask.
	Default time.Duration `yaml:"default" default:"0s" validate:"min=0,max=1m"`
	// Ops is the same by operation.
	Ops map[string]time.Duration `yaml:"ops"`
}

// Validate checks what the tags cannot.
func (c LockConfig) Validate() error {
	var errs []error
	for op, limit := range c.Ops {
		if limit < 0 || limit > time.Minute {
			errs = append(errs, fmt.Errorf("ops.%s must be between 0s and 1m", op))
		}
	}
	return errors.Join(errs...)
}

func (c LockConfig) limit(op string) time.Duration {
	if limit, named := c.Ops[op]; named {
		return limit
	}
	return c.Default
}

// jittered is a little less than ttl.
func (c CacheConfig) jittered(ttl time.Duration) time.Duration {
	if c.Jitter == 0 || ttl <= 0 {
		return ttl
	}
	return ttl - time.Duration(rand.Float64()*c.Jitter*float64(ttl))
}
