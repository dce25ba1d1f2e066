package main

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
)

// rate is a flag for how many of something a second: 50/s, 3000/m, 50. Zero
// means as fast as it goes.
type rate float64

// Set reads it.
func (r *rate) Set(text string) error {
	number, unit, found := strings.Cut(text, "/")
	per := map[string]float64{"s": 1, "m": 60, "h": 3600}[unit]
	if !found {
		per = 1
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || per == 0 || !(n > 0 && n <= 1e6) {
		return errors.New("it is no rate; give one such as 50/s or 3000/m")
	}
	*r = rate(n / per)
	return nil
}

// String writes it; empty: as fast as it goes.
func (r *rate) String() string {
	if *r == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(*r), 'g', 4, 64) + "/s"
}

// Type is what the help calls its value.
func (r *rate) Type() string { return "rate" }

// burst is how many may be done at once so that the rate still looks even: as many as a
// quarter of a second holds.
func (r rate) burst(most int) int {
	if r == 0 {
		return most
	}
	return min(max(int(r/4), 1), most)
}

// wait returns when n may have been done since start.
func (r rate) wait(ctx context.Context, start time.Time, n int) error {
	if r == 0 {
		return ctx.Err()
	}
	due := start.Add(time.Duration(float64(n) / float64(r) * float64(time.Second)))
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(due)):
		return nil
	}
}
