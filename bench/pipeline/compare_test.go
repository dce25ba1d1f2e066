package main

import "testing"

func TestMedian_and_spread(t *testing.T) {
	of := func(r report) float64 { return r.Seconds }
	runs := func(seconds ...float64) (list []report) {
		for _, s := range seconds {
			list = append(list, report{Seconds: s})
		}
		return list
	}
	for _, c := range []struct {
		runs           []report
		median, spread float64
	}{
		{runs(4), 4, 0},
		{runs(5, 1, 3), 3, 4.0 / 3},
		{runs(4, 1, 2, 8), 3, 2.0 / 3},
	} {
		if m, s := median(c.runs, of), spread(c.runs, of); m != c.median || s != c.spread {
			t.Errorf("%v: median %g, spread %g; want %g and %g", c.runs, m, s, c.median, c.spread)
		}
	}
}
