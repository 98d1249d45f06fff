// Package policy has what stands between an operation and its transport: one file per
// policy, each a backend.Policy that does one thing.
//
// [Service] is the configuration of one service, [New] makes its [Set] of policies, and
// [Set.Apply] puts them around a transport. Their order is a property of the type Set:
//
//	tags(credentials(cache(deadline(collapse(fill(retry(measure(breaker(limit(timeout(hedge(balance(transport)))))))))))))
//
// Cache and collapse stand outside the breaker, so that an open breaker never hides an
// answer that is there. Fill, the half of the cache that stores, stands inside collapse,
// so that an answer is in the cache before its flight is over: calls that come during or
// after the flight cannot ask the service a second time. Retry stands outside the
// breaker, so that every attempt is counted and an open breaker ends the retrying.
// Timeout bounds one attempt. Hedge stands inside it, so that for everybody outside the
// call and its hedge are one attempt. Balance is innermost, so that a retry or a hedge
// takes another instance.
//
// Policies keep their state from call to call (flights, budgets, breakers, places):
// make one Set per service and generation. Every failure that a policy makes is a
// [fault.Error] that names its service and operation.
package policy

import (
	"cmp"
	"context"
	"time"

	"github.com/facet-bff/facet/shared/backend"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/policy/balance"
)

// A Set has one policy for each place, outermost first. A nil one is skipped.
type Set struct {
	Tags        backend.Policy
	Credentials backend.Policy
	Cache       backend.Policy
	Deadline    backend.Policy
	Collapse    backend.Policy
	Fill        backend.Policy
	Retry       backend.Policy
	Measure     backend.Policy
	Breaker     backend.Policy
	Limit       backend.Policy
	Timeout     backend.Policy
	Hedge       backend.Policy
	Balance     backend.Policy

	instances *balance.Balancer
}

// Instances are what Balance chooses among, in a set that [New] has made.
func (s Set) Instances() *balance.Balancer { return s.instances }

// Apply returns the Sender that sends through all policies of the set to transport.
func (s Set) Apply(transport backend.Sender) backend.Sender {
	return backend.Chain(transport,
		s.Tags, s.Credentials, s.Cache, s.Deadline, s.Collapse, s.Fill, s.Retry,
		s.Measure, s.Breaker, s.Limit, s.Timeout, s.Hedge, s.Balance)
}

// A checker is a [backend.Request]'s.
type checker = interface {
	Check(res *backend.Response) error
}

// plain reports calls that change nothing and whose answers are complete in memory: they
// may be shared, and made twice at a time.
func plain(req *backend.Request) bool { return req.Safe && !req.Stream && req.Upload == nil }

// failed is a failure of req.
func failed(req *backend.Request, kind fault.Kind, err error) *fault.Error {
	return &fault.Error{Kind: kind, Service: req.Service, Op: req.Op, Err: err}
}

// over reports that a call cannot go on: its caller has gone, or its time is up, which the
// clock may tell before the context does.
func over(ctx context.Context) bool {
	deadline, bounded := ctx.Deadline()
	return ctx.Err() != nil || bounded && !time.Now().Before(deadline)
}

// ended is the failure of a call that is over: Gone or TooSlow.
func ended(ctx context.Context, req *backend.Request) *fault.Error {
	why := cmp.Or(ctx.Err(), context.DeadlineExceeded)
	return failed(req, fault.From(why).Kind, why)
}
