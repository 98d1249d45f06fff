package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/facet-bff/facet/test/load/scenario"
)

// settle is how long a candidate that has just been started may give wrong answers: one
// that fetches keys accepts no token before it has them.
const settle = 5 * time.Second

// compare asks every candidate for every scenario. The error has all wrong answers.
func (b *bench) compare(ctx context.Context) error {
	client := newClient()
	deadline := time.Now().Add(b.settle)
	var wrong []error
	for _, s := range b.scenarios {
		requests, err := s.Requests(b.issuer, b.signed, 1)
		if err != nil {
			return err
		}
		b.signed++
		for _, c := range b.serving(s) {
			asked, compared := c.in(s)
			if !compared {
				continue
			}
			if c.sizes[s.Name], err = c.check(ctx, client, asked, requests[0], deadline); err != nil {
				wrong = append(wrong, fmt.Errorf("%s, %s: %w", s.Name, c.name, err))
			}
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("nothing was measured, for not all answer the same:\n%w", errors.Join(wrong...))
	}
	_, _ = fmt.Fprintf(b.log, "%d candidates give the same answers in %d scenarios\n", len(b.running), len(b.scenarios))
	return nil
}

// newClient compares sizes, too: it asks for no coding.
func newClient() *http.Client {
	return &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
}

// check asks until the answer is right, or the deadline has passed.
func (c contender) check(
	ctx context.Context, client *http.Client, s scenario.Scenario, r scenario.Request, deadline time.Time,
) (size int, err error) {
	for {
		size, err = s.Check(ctx, client, "http://"+c.address, r)
		if err == nil || time.Now().After(deadline) {
			return size, err
		}
		select {
		case <-ctx.Done():
			return 0, err
		case <-time.After(50 * time.Millisecond):
		}
	}
}
