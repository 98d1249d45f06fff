package generator

import (
	"syscall"
	"time"
)

// sleepUntil sleeps in the kernel: the runtime's own timers come up to a millisecond late
// when nothing else is to do, which is more than a gateway takes.
func sleepUntil(at time.Time) {
	if left := time.Until(at); left > 0 {
		spec := syscall.NsecToTimespec(int64(left))
		_ = syscall.Nanosleep(&spec, nil) // a signal wakes it early, which the latency shows
	}
}
