package ratelimit

import (
	"errors"
	"time"
)

// Config is a section "rate_limit".
type Config struct {
	// Rate is how many requests per second a client may make in the long run.
	Rate float64 `yaml:"rate" validate:"required,gt=0,max=1000000"`
	// Burst is how many it may make at once, after a pause.
	Burst int `yaml:"burst" validate:"required,min=1"`
	// MaxKeys is how many clients are told apart at the same time, those aside who have
	// not asked for so long that they have their whole burst again. Each takes 17 bytes.
	MaxKeys int `yaml:"max_keys" default:"100000" validate:"min=16,max=10000000"`
}

// longest bounds the time that a burst takes to be there again. The process that counts
// does not live longer.
const longest = 365 * 24 * time.Hour

// Validate checks what the tags cannot.
func (c Config) Validate() error {
	if c.Rate > 0 && float64(c.Burst)/c.Rate > longest.Seconds() {
		return errors.New("burst: takes more than a year to be there again at this rate")
	}
	return nil
}
