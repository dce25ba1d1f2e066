package stats

import (
	"time"
)

// Totals sum up operations. Quantiles are within 1 %; they and the average are of
// all operations, failed ones included, and 0 if there were none.
type Totals struct {
	Total      int64
	Successful int64
	Failed     int64
	Rate       float64 // from 0 to 1; 1 if there were none
	AverageMS  float64
	P50MS      float64 // half of the operations took no longer
	P95MS      float64
	P99MS      float64
	MaxMS      float64
}

// TypeSummary is what there is to say of a type: of all its operations, and of
// each name.
type TypeSummary struct {
	Totals
	ByName map[string]Totals
}

// Summary is what there is to say of all operations: together, and of each type,
// those without operations included.
type Summary struct {
	Totals
	ByType map[Type]TypeSummary
}

// Counts are sums that only grow, for a reader who compares two of them to see
// what was done in between.
type Counts struct {
	Total, Failed int64
	Timed         int64         // those that Time is of: all but the lengthy
	Time          time.Duration // of them, one after the other
}

// Summary sums up what this process did since it began.
func (r *Recorder) Summary() Summary { return r.snapshot().summary() }

// pair is a tally of each outcome, of which either may be nil.
type pair [len(outcomes)]*tally

// totals merges the outcomes.
func (p pair) totals() Totals {
	all := newTally()
	for _, t := range p {
		if t != nil {
			all.merge(t)
		}
	}
	t := Totals{Total: all.histogram.TotalCount(), Rate: 1}
	if t.Total == 0 {
		return t
	}
	if failed := p[outcomeOf(true)]; failed != nil {
		t.Failed = failed.histogram.TotalCount()
	}
	t.Successful = t.Total - t.Failed
	t.Rate = float64(t.Successful) / float64(t.Total)
	t.AverageMS = inMS(all.sum) / float64(t.Total)
	t.MaxMS = inMS(all.max)
	quantiles := all.histogram.ValueAtPercentilesSlice([]float64{50, 95, 99})
	for i, to := range []*float64{&t.P50MS, &t.P95MS, &t.P99MS} {
		*to = min(inMS(time.Duration(quantiles[i])*unit), t.MaxMS) // a bucket ends beyond what is in it
	}
	return t
}

func (p *pair) merge(other pair) {
	for i, t := range other {
		if t == nil {
			continue
		}
		if p[i] == nil {
			p[i] = newTally()
		}
		p[i].merge(t)
	}
}

func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// summary sums up a snapshot.
func (s snapshot) summary() Summary {
	var all pair
	sum := Summary{ByType: map[Type]TypeSummary{}}
	for _, t := range Types {
		var whole pair
		of := TypeSummary{ByName: map[string]Totals{}}
		for name, p := range s[t] {
			whole.merge(p)
			of.ByName[name] = p.totals()
		}
		all.merge(whole)
		of.Totals = whole.totals()
		sum.ByType[t] = of
	}
	sum.Totals = all.totals()
	return sum
}

// lengthy are the operations that take seconds when all is well: a create takes
// HeyGen 4 to 30 s, and what publishing takes is the size of the film.
var lengthy = map[Type]string{HTTPRequest: "heygen create", FileOperation: "publish"}

// counts counts a snapshot by type.
func (s snapshot) counts() map[Type]Counts {
	counts := map[Type]Counts{}
	for _, t := range Types {
		var c Counts
		for name, p := range s[t] {
			for outcome, tally := range p {
				if tally == nil {
					continue
				}
				n := tally.histogram.TotalCount()
				c.Total += n
				if name != lengthy[t] {
					c.Timed += n
					c.Time += tally.sum
				}
				if outcome == outcomeOf(true) {
					c.Failed += n
				}
			}
		}
		counts[t] = c
	}
	return counts
}
