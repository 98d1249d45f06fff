// Package compose declares and runs typed compositions: fixed, acyclic sets of steps
// that turn one request value into one response value.
//
// # Declaring
//
// A composition is declared once, at start-up, by [Define]. Inside it, a [Node] stands
// for a value that will exist when a request runs. A node can only name nodes made
// before it (a condition, only what does not need the node), so a composition is acyclic
// by construction. What is wrong with a declaration is the programmer's mistake: it
// panics at start-up and says where.
//
// There are two kinds of node. Steps ([Call], [Step], [Batch], [Each]) have a name and
// one argument, may be slow and may fail. Joins ([Map], [Join2] to [Join6], [Maybe])
// are pure functions: they do no I/O, take no time worth counting, and run in place.
//
// # Running
//
// [Graph.Run] starts a step as soon as what it needs is there, so steps that do not
// need each other run at the same time, and a run takes as long as its longest chain.
// What the output does not need never runs.
//
// # Failure
//
// A failure travels along the edges: what needs a failed node fails with it, up to the
// first node that has a fallback ([Node.Or], [Node.OrElse]) or is a [Maybe]. That
// failure is absorbed, and [Outcome] lists it as degraded. A failure that nothing
// absorbs cancels the other steps and is the run's error. Which steps can end a run so
// is not declared but computed: see [StepPlan].
//
// A panic is the failure of the node it happened in, a [PanicError].
//
// # Skipping
//
// [Node.When] makes a node depend on a condition. When that is false the node is
// skipped, and the skip travels along the edges just as a failure does, with
// [ErrSkipped] in its place. But a skip is an answer: it degrades nothing, and it may
// not reach the output, which Define checks. Where a skip and a failure meet, the
// failure travels on; but a node whose condition is false is skipped, whatever became
// of its argument.
//
// # Time
//
// A step is not started once the context of the run is done; it fails with the
// context's error. So when the deadline of a request passes, the steps that have a
// fallback fall back, the joins still run, and what is there is the outcome. When the
// context was cancelled, nobody is waiting: Run returns an error that wraps
// [context.Canceled], and no fallback is asked.
//
// Run returns after every step that it started has returned. So a run is over in time
// only if its steps return soon after their context is done, as they must.
package compose
