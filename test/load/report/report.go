// Package report makes ratios of what was measured. Figures of different times and
// machines do not compare, so candidates are compared within each round, and the median
// of those ratios is the result.
package report

import (
	"os"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/facet-bff/facet/test/load/proc"
)

// A Report is one run of the load test.
type Report struct {
	Began   time.Time    `json:"began"`
	Machine proc.Machine `json:"machine"`
	Rounds  int          `json:"rounds"`
	Seconds float64      `json:"seconds"` // of one measurement
	Samples []Sample     `json:"samples"`
}

// A Sample is one measurement of one candidate.
type Sample struct {
	Scenario  string `json:"scenario"`
	Candidate string `json:"candidate"`
	Round     int    `json:"round"`

	CPU   float64 `json:"cpu_us"` // microseconds of the candidate's processes per answer
	Calls float64 `json:"calls"`  // of the backends, per answer
	Peak  int64   `json:"peak_bytes"`
	// Others is how many cores were busy with anything but this test. The kernel's work
	// for the network is among it.
	Others float64 `json:"others"`

	Connections int     `json:"connections"`
	Rate        float64 `json:"rate,omitzero"` // 0: closed loop
	PerSecond   float64 `json:"per_second"`
	Done        uint64  `json:"done"`
	Bad         uint64  `json:"bad,omitzero"`
	Failed      uint64  `json:"failed,omitzero"`
	Dropped     uint64  `json:"dropped,omitzero"`
	Size        int     `json:"size"` // of the answer, in bytes

	P50 float64 `json:"p50_us"` // microseconds
	P99 float64 `json:"p99_us"`
}

// A Measure is one number of a sample.
type Measure func(Sample) float64

// The measures that targets are about.
var (
	CPU    Measure = func(s Sample) float64 { return s.CPU }
	Memory Measure = func(s Sample) float64 { return float64(s.Peak) }
	P50    Measure = func(s Sample) float64 { return s.P50 }
	P99    Measure = func(s Sample) float64 { return s.P99 }
	Calls  Measure = func(s Sample) float64 { return s.Calls }
)

// A Series has one value for each round that has one.
type Series map[int]float64

// Series are the values of one candidate in one scenario.
func (r *Report) Series(scenario, candidate string, m Measure) Series {
	s := Series{}
	for _, sample := range r.Samples {
		if sample.Scenario == scenario && sample.Candidate == candidate {
			s[sample.Round] = m(sample)
		}
	}
	return s
}

// Each is the series of f of each value.
func (s Series) Each(f func(float64) float64) Series {
	out := Series{}
	for round, value := range s {
		out[round] = f(value)
	}
	return out
}

// Over divides round by round, where both have a value and it is not zero.
func (s Series) Over(other Series) Series {
	return s.combine(other, func(a, b float64) (float64, bool) { return a / b, b != 0 })
}

// Minus subtracts round by round.
func (s Series) Minus(other Series) Series {
	return s.combine(other, func(a, b float64) (float64, bool) { return a - b, true })
}

func (s Series) combine(other Series, f func(a, b float64) (float64, bool)) Series {
	out := Series{}
	for round, a := range s {
		if b, ok := other[round]; ok {
			if v, ok := f(a, b); ok {
				out[round] = v
			}
		}
	}
	return out
}

// Median is the middle value, or the mean of the two; 0 of none.
func (s Series) Median() float64 {
	v := s.sorted()
	if len(v) == 0 {
		return 0
	}
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// Range is the least and the greatest value; zeros of none.
func (s Series) Range() (least, most float64) {
	v := s.sorted()
	if len(v) == 0 {
		return 0, 0
	}
	return v[0], v[len(v)-1]
}

// Spread is how far the values are apart, as a part of their median.
func (s Series) Spread() float64 {
	median := s.Median()
	if median == 0 {
		return 0
	}
	least, most := s.Range()
	return (most - least) / median
}

func (s Series) sorted() []float64 {
	v := make([]float64, 0, len(s))
	for _, value := range s {
		v = append(v, value)
	}
	slices.Sort(v)
	return v
}

// WriteFile writes the report as JSON.
func (r *Report) WriteFile(name string) error {
	text, err := json.Marshal(r, jsontext.WithIndent("\t"))
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}
