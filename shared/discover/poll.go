package discover

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"
)

// A poll is a source that is asked at intervals, and sooner after a failure.
type poll struct {
	every time.Duration
	find  func(context.Context) ([]Instance, error)
}

const (
	patience   = 5 * time.Second        // with one look
	firstPause = 100 * time.Millisecond // after a failure; then twice as long each time
)

// Watch is [Source]'s. What is found after a failure is told even if it is the same.
func (p poll) Watch(ctx context.Context, tell func([]Instance, error)) {
	var known []Instance
	for pause := firstPause; ; {
		list, err := p.look(ctx)
		if ctx.Err() != nil {
			return
		}
		delay := p.every
		switch {
		case err != nil:
			tell(nil, err)
			delay, pause = min(pause, p.every), 2*min(pause, p.every)
			known = nil
		default:
			pause = firstPause
			if !slices.Equal(list, known) {
				tell(list, nil)
			}
			known = list
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(jitter(delay)):
		}
	}
}

func (p poll) look(ctx context.Context) ([]Instance, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	list, err := p.find(ctx)
	if err == nil && len(list) == 0 {
		err = errors.New("there is no instance")
	}
	return In(list), err
}

// jitter keeps the gateways of a fleet from asking all at once. It only ever shortens.
func jitter(d time.Duration) time.Duration { return d - rand.N(d/10+1) }
