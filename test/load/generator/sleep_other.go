//go:build !linux

package generator

import "time"

func sleepUntil(at time.Time) { time.Sleep(time.Until(at)) }
