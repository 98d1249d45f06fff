package compose_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/facet-bff/facet/shared/compose"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDown = errors.New("down")

// op is an operation of the backend "test" that is called as.
type op[A, B any] func(context.Context, A) (B, error)

func (f op[A, B]) Call(ctx context.Context, arg A) (B, error) { return f(ctx, arg) }
func (op[A, B]) Backend() string                              { return "test" }

// after answers with v and err when d has passed, or earlier with the context's error.
func after[A, B any](d time.Duration, v B, err error) func(context.Context, A) (B, error) {
	return func(ctx context.Context, _ A) (B, error) {
		select {
		case <-time.After(d):
			return v, err
		case <-ctx.Done():
			var zero B
			return zero, ctx.Err()
		}
	}
}

func say[A any](v string) func(context.Context, A) (string, error) {
	return func(context.Context, A) (string, error) { return v, nil }
}

func fail[A, B any](err error) func(context.Context, A) (B, error) {
	return func(context.Context, A) (B, error) { var zero B; return zero, err }
}

func squares(_ context.Context, ks []int) (map[int]int, error) {
	m := make(map[int]int, len(ks))
	for _, k := range ks {
		m[k] = k * k
	}
	return m, nil
}

func plus(a, b string) string { return a + "+" + b }

func always(v bool) func(string) bool { return func(string) bool { return v } }

// names lists the steps that failures began in.
func names(failures []*compose.StepError) []string {
	out := []string{}
	for _, f := range failures {
		out = append(out, f.Step)
	}
	return out
}
