package app

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"heyq/internal/fault"
)

// timed runs fn and says how many milliseconds it took.
func timed[T any](fn func() (T, error)) (value T, took float64, err error) {
	start := time.Now()
	value, err = fn()
	return value, float64(time.Since(start).Microseconds()) / 1000, err
}

// cause is an error in one line, with what a fault keeps from its callers: who
// runs the doctor looks for exactly that.
func cause(err error) string {
	text := err.Error()
	if f, ok := errors.AsType[*fault.Error](err); ok {
		text = f.Message
		if f.Err != nil && !strings.Contains(text, f.Err.Error()) {
			text += ": " + f.Err.Error()
		}
	}
	return strings.Join(strings.Fields(text), " ")
}

// message is what a fault says to its callers, and any other error in full.
func message(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Message
	}
	return err.Error()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// one is a list of one finding.
func one(check string, s Severity, what, remedy string, took float64) []Finding {
	return []Finding{{Check: check, Severity: s, What: what, Remedy: remedy, LatencyMS: took}}
}
