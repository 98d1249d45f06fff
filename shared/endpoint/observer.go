package endpoint

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/facet-bff/facet/shared/compose"
	"github.com/facet-bff/facet/shared/fault"
	"github.com/facet-bff/facet/shared/observe"
	"github.com/facet-bff/facet/shared/overload"
)

// An observer notes what happens in the runs of one composition.
type observer struct {
	composition string
	metrics     *observe.Metrics
	log         *slog.Logger
	overload    *overload.Limiter // nil: nothing is shed
}

var errShed = &fault.Error{Kind: fault.Shed}

// around measures every step, or sheds it. A panic passes through.
func (o observer) around(ctx context.Context, plan *compose.StepPlan, next func(context.Context) error) error {
	if !plan.Required && o.overload.Spare() {
		return errShed
	}
	outcome := fault.Bug.String() // which a panic leaves
	ctx, step := observe.FromContext(ctx).StartStep(ctx, plan.Name)
	if !plan.Required {
		step.MayFail()
	}
	defer func() { o.metrics.StepDone(o.composition, plan.Name, outcome, step.Done()) }()
	err := next(ctx)
	if outcome = "ok"; err != nil {
		outcome = fault.From(err).Kind.String()
	}
	return err
}

// degraded renders what an answer lacks as a list of structured fields (RFC 9651), and
// counts and logs why.
func (o observer) degraded(ctx context.Context, lacking []*compose.StepError) string {
	var b strings.Builder
	for i, step := range lacking {
		if i > 0 {
			b.WriteString(", ")
		}
		reason := fault.From(step).Kind.String()
		b.WriteString(step.Step + ";reason=" + reason)
		o.metrics.Degraded(o.composition, step.Step, reason)
		if fault.From(step).Kind == fault.Shed {
			continue // by the thousand, when there is no time to write it down
		}
		o.log.LogAttrs(ctx, slog.LevelWarn, "a fallback stands in for a step", slog.String("request_id", observe.FromContext(ctx).RequestID()),
			slog.String("composition", o.composition), slog.String("step", step.Step), slog.Any("error", step.Err))
		o.panicked(ctx, step)
	}
	return b.String()
}

// panicked logs the stack of a panic, which nobody else may see.
func (o observer) panicked(ctx context.Context, err error) {
	p, ok := errors.AsType[*compose.PanicError](err)
	if !ok {
		return
	}
	o.metrics.Panicked()
	o.log.LogAttrs(ctx, slog.LevelError, "panic", slog.String("request_id", observe.FromContext(ctx).RequestID()),
		slog.String("composition", o.composition), slog.Any("value", p.Value), slog.String("stack", string(p.Stack)))
}
