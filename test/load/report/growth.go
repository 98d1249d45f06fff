package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// A Growth is what the CPU of a request costs over something of which there is more and
// more.
type Growth struct {
	What string // grows
	At   []int  // how much of it there is, from little to much
	Unit string // of the slope: µs per this
	Per  int    // how much of it makes up one unit
}

// Scenario is the name of the samples at one of the measured points.
func (g Growth) Scenario(at int) string { return fmt.Sprintf("%s %d", g.What, at) }

// Growths writes a Markdown table for each of them, with a line for each candidate.
func (r *Report) Growths(w io.Writer, growths []Growth) {
	_, _ = fmt.Fprintf(w, "CPU µs per request. %s, %d rounds of %gs, medians.\n", r.Machine, r.Rounds, r.Seconds)
	for _, g := range growths {
		header := []string{g.What}
		for _, at := range g.At {
			header = append(header, strconv.Itoa(at))
		}
		header = append(header, "slope", "spread", "growth")
		_, _ = fmt.Fprintln(w)
		row(w, header)
		row(w, slices.Repeat([]string{"---"}, len(header)))
		for _, candidate := range []string{"facet", "naive"} {
			if c := r.curve(g, candidate); len(c) > 0 {
				row(w, c.line(g, candidate))
			}
		}
	}
	r.warn(w)
}

// A curve is the CPU of one candidate, point by point.
type curve []point

type point struct {
	at  int
	cpu Series
}

func (r *Report) curve(g Growth, candidate string) (c curve) {
	for _, at := range g.At {
		if s := r.Series(g.Scenario(at), candidate, CPU); len(s) > 0 {
			c = append(c, point{at, s})
		}
	}
	return c
}

func (c curve) line(g Growth, candidate string) []string {
	cells := []string{candidate}
	for _, at := range g.At {
		cell := "–"
		if i := slices.IndexFunc(c, func(p point) bool { return p.at == at }); i >= 0 {
			cell = fmt.Sprintf("%.0f", c[i].cpu.Median())
		}
		cells = append(cells, cell)
	}
	slope := fmt.Sprintf("%.3g µs per %s", c.slope()*float64(g.Per), g.Unit)
	return append(cells, slope, percent(c.levelled().spread()), string(c.judge(len(g.At))))
}

// slope is that of the straight line that fits best: the least sum of squares.
func (c curve) slope() float64 {
	var x, y, above, below float64 // means, and the fraction's two sums
	for _, p := range c {
		x += float64(p.at) / float64(len(c))
		y += p.cpu.Median() / float64(len(c))
	}
	for _, p := range c {
		above += (float64(p.at) - x) * (p.cpu.Median() - y)
		below += (float64(p.at) - x) * (float64(p.at) - x)
	}
	if below == 0 {
		return 0
	}
	return above / below
}

// levelled takes out that the machine was faster in one round than in another: it divides
// by the geometric mean of the round.
func (c curve) levelled() curve {
	logs, points := Series{}, Series{}
	for _, p := range c {
		for round, cpu := range p.cpu {
			logs[round] += math.Log(cpu)
			points[round]++
		}
	}
	means := logs.Over(points)
	out := make(curve, len(c))
	for i, p := range c {
		out[i] = point{p.at, Series{}}
		for round, cpu := range p.cpu {
			out[i].cpu[round] = cpu / math.Exp(means[round])
		}
	}
	return out
}

// spread is that of the point in the middle, when they are ordered by it.
func (c curve) spread() float64 {
	s := Series{}
	for i, p := range c {
		s[i] = p.cpu.Spread()
	}
	return s.Median()
}

// What is no growth, and what is a curve that becomes steeper and steeper.
const (
	level   = 0.15 // what the last point may cost more than the middle one
	sagging = 0.15 // how far below the straight line the points lie, on average
)

// Verdicts about a curve, besides those about targets.
const (
	constant     verdict = "none"
	linear       verdict = "at most linear"
	steeper      verdict = "MORE THAN LINEAR"
	tooFewPoints verdict = "too few points"
)

// judge looks at each round by itself, and says what the median of the rounds does.
func (c curve) judge(points int) verdict {
	switch {
	case len(c) < points || points < enough:
		return tooFewPoints
	case slices.ContainsFunc(c, func(p point) bool { return len(p.cpu) < enough }):
		return tooFew
	case c.levelled().spread() >= quiet:
		return tooNoisy
	}
	rise, sag := Series{}, Series{}
	for round := range c[0].cpu {
		y := c.in(round)
		rise[round] = y[len(c)-1]/y.Median() - 1
		sag[round] = c.sag(y)
	}
	switch {
	case rise.Median() <= level:
		return constant
	case sag.Median() > sagging:
		return steeper
	}
	return linear
}

// in is the CPU in one round, by the index of the point.
func (c curve) in(round int) Series {
	y := Series{}
	for i, p := range c {
		y[i] = p.cpu[round]
	}
	return y
}

// sag is how far the points lie below the straight line to the last of them, as a part of
// it. The line begins at the least point, because what is there once for all, or is shared
// by more and more, lets every curve fall at first.
func (c curve) sag(y Series) float64 {
	first, last := 0, len(c)-1
	for i := range c {
		if y[i] < y[first] {
			first = i
		}
	}
	var sum float64
	for i := first + 1; i < last; i++ {
		straight := y[first] + (y[last]-y[first])*float64(c[i].at-c[first].at)/float64(c[last].at-c[first].at)
		sum += 1 - y[i]/straight
	}
	return sum / float64(max(last-first-1, 1))
}
