// Package faults breaks the demo's services on request and counts their calls, so that
// tests and demos see what a gateway asked for and what it survived.
package faults

import (
	"encoding"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// InternalHost stands in the body of every 5xx that a fault makes, beside a stack trace.
// It must never reach a gateway's client.
const InternalHost = "db-7.shop.internal"

// Fault says how a service misbehaves. Every call is late by Delay, plus or minus a random
// part of up to Jitter. Then ErrorRate of the calls (all, if it is absent and there is a
// way to fail) fail in the first way that is set: Hang, Reset, Garbage, Status (503 if absent).
// The zero Fault changes nothing.
type Fault struct {
	Delay     Duration `json:"delay,omitzero"`
	Jitter    Duration `json:"jitter,omitzero"`
	ErrorRate *float64 `json:"error_rate,omitzero"` // 0 to 1
	Status    int      `json:"status,omitzero"`     // 400 to 599
	Hang      bool     `json:"hang,omitzero"`       // no answer until the client leaves or the server stops
	Garbage   bool     `json:"garbage,omitzero"`    // 200 with a body that is no JSON
	Reset     bool     `json:"reset,omitzero"`      // the connection breaks with a TCP RST
}

// Duration is a [time.Duration] whose text is Go's, such as "300ms".
type Duration time.Duration

var (
	_ encoding.TextMarshaler   = Duration(0)
	_ encoding.TextUnmarshaler = (*Duration)(nil)
)

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]; negative durations are refused.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return err
	}
	if parsed < 0 {
		return fmt.Errorf("duration %s is negative", parsed)
	}
	*d = Duration(parsed)
	return nil
}

func (f Fault) check() error {
	var errs []error
	if f.ErrorRate != nil && (*f.ErrorRate < 0 || *f.ErrorRate > 1) {
		errs = append(errs, fmt.Errorf("error_rate is %v, want 0 to 1", *f.ErrorRate))
	}
	if f.Status != 0 && (f.Status < 400 || f.Status > 599) {
		errs = append(errs, fmt.Errorf("status is %d, want 400 to 599", f.Status))
	}
	return errors.Join(errs...)
}

// outcome is what happens to one call.
type outcome struct {
	delay  time.Duration
	fail   bool
	manner Fault // how, if it fails
}

func (f Fault) draw(random *rand.Rand) outcome {
	delay := time.Duration(f.Delay)
	if jitter := int64(f.Jitter); jitter > 0 {
		delay += time.Duration(random.Int64N(2*jitter+1) - jitter)
	}
	fail := f.Hang || f.Reset || f.Garbage || f.Status != 0
	if f.ErrorRate != nil {
		fail = random.Float64() < *f.ErrorRate
	}
	return outcome{delay, fail, f}
}
