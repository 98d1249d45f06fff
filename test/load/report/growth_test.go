package report

import (
	"math"
	"strings"
	"testing"
)

var fan = Growth{What: "backends", At: []int{1, 2, 4, 8, 16, 32}, Unit: "further backend", Per: 1}

// grown has samples of a candidate whose CPU is f of how much there is, with a spread.
func grown(g Growth, candidate string, rounds int, spread float64, f func(x float64) float64) *Report {
	r := &Report{}
	for _, at := range g.At {
		for round := range rounds {
			r.Samples = append(r.Samples, Sample{
				Scenario: g.Scenario(at), Candidate: candidate, Round: round,
				CPU: f(float64(at)) * (1 + spread*(float64(round)/2-0.5)),
			})
		}
	}
	return r
}

func TestGrowthIsJudged(t *testing.T) {
	for name, tt := range map[string]struct {
		rounds int
		cpu    func(x float64) float64
		want   verdict
	}{
		"a line":                     {3, func(x float64) float64 { return 60 + 30*x }, linear},
		"without what is there once": {3, func(x float64) float64 { return 30 * x }, linear},
		"flatter and flatter":        {3, func(x float64) float64 { return 50 * math.Sqrt(x) }, linear},
		"first down, then up":        {3, func(x float64) float64 { return 400/x + 10*x }, linear},
		"down":                       {3, func(x float64) float64 { return 100 + 400/x }, constant},
		"level":                      {3, func(x float64) float64 { return 50 + x/8 }, constant},
		"n log n":                    {3, func(x float64) float64 { return 60 + 30*x*math.Log2(x) }, steeper},
		"a square":                   {3, func(x float64) float64 { return 60 + 30*x + x*x }, steeper},
		"level, and then a square":   {3, func(x float64) float64 { return 100 + x*x/5 }, steeper},
		"a square in two rounds":     {2, func(x float64) float64 { return 60 + x*x }, tooFew},
	} {
		c := grown(fan, "facet", tt.rounds, 0.1, tt.cpu).curve(fan, "facet")
		if got := c.judge(len(fan.At)); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	half := Growth{What: fan.What, At: fan.At[:3]}
	c := grown(half, "facet", 3, 0, func(x float64) float64 { return x }).curve(fan, "facet")
	if got := c.judge(len(fan.At)); len(c) != 3 || got != tooFewPoints {
		t.Errorf("with half of the points: %s", got)
	}
}

// A round in which everything takes longer says nothing about the curve; one in which
// single points do, does.
func TestRoundsAreLevelled(t *testing.T) {
	r := grown(fan, "facet", 3, 0.8, func(x float64) float64 { return 60 + 30*x })
	c := r.curve(fan, "facet")
	if c.levelled().spread() > 1e-9 || c.judge(len(fan.At)) != linear {
		t.Errorf("a slow round: spread %v, %s", c.levelled().spread(), c.judge(len(fan.At)))
	}
	for i := range r.Samples {
		if r.Samples[i].Round == 1 {
			r.Samples[i].CPU *= 1 + float64(i%2)
		}
	}
	if c := r.curve(fan, "facet"); c.judge(len(fan.At)) != tooNoisy {
		t.Errorf("slow points: spread %v, %s", c.levelled().spread(), c.judge(len(fan.At)))
	}
}

// One round in which the last point was disturbed does not make a curve steep.
func TestOneRoundDoesNotDecide(t *testing.T) {
	r := grown(fan, "facet", 3, 0, func(x float64) float64 { return 60 + 30*x })
	r.Samples[len(r.Samples)-1].CPU *= 3
	if got := r.curve(fan, "facet").judge(len(fan.At)); got != linear {
		t.Errorf("got %s", got)
	}
}

func TestSlope(t *testing.T) {
	line := grown(fan, "facet", 3, 0.2, func(x float64) float64 { return 60 + 30*x }).curve(fan, "facet")
	if got := line.slope(); math.Abs(got-30) > 1e-9 {
		t.Errorf("of 60+30x: %v", got)
	}
	if got := line[:1].slope(); got != 0 {
		t.Errorf("of one point: %v", got)
	}
	var c curve // (0,0), (1,3), (2,0)
	for at, cpu := range []float64{0, 3, 0} {
		c = append(c, point{at, Series{0: cpu}})
	}
	if got := c.slope(); got != 0 {
		t.Errorf("of a hat: %v", got)
	}
}

func TestGrowths(t *testing.T) {
	crowd := Growth{What: "further endpoints", At: []int{1, 10, 2000}, Unit: "1,000 endpoints", Per: 1000}
	r := grown(fan, "naive", 3, 0.1, func(x float64) float64 { return 60 + 90*x })
	r.Samples = append(r.Samples, grown(fan, "facet", 3, 0.1, func(x float64) float64 { return 60 + 30*x }).Samples...)
	r.Samples = append(r.Samples, grown(crowd, "facet", 3, 0.1, func(x float64) float64 { return 50 + x/1000 }).Samples...)
	r.Rounds, r.Seconds = 3, 1
	var b strings.Builder
	r.Growths(&b, []Growth{fan, crowd})
	for _, want := range []string{
		"3 rounds of 1s, medians.\n\n| backends | 1 | 2 | 4 | 8 | 16 | 32 | slope | spread | growth |\n| --- |",
		"\n| facet | 90 | 120 | 180 | 300 | 540 | 1020 | 30 µs per further backend | 0 % | at most linear |\n" +
			"| naive | 150 | 240 | 420 | 780 | 1500 | 2940 | 90 µs per further backend | 0 % | at most linear |\n\n| further endpoints |",
		"\n| facet | 50 | 50 | 52 | 1 µs per 1,000 endpoints | 0 % | none |\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	r.Samples[0].Failed = 3
	if r.Growths(&b, nil); !strings.HasSuffix(b.String(), "3 requests failed or had a wrong status: the figures mean nothing.\n") {
		t.Errorf("nothing of failures in\n%s", &b)
	}
}
