package doctor

import (
	"cmp"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"heyq/internal/fault"
	"heyq/wire"
)

// timed runs fn and says how many milliseconds it took.
func timed[T any](fn func() (T, error)) (value T, took float64, err error) {
	start := time.Now()
	value, err = fn()
	return value, float64(time.Since(start).Microseconds()) / 1000, err
}

// cause is an error in one line. It includes what a fault keeps from its
// callers, since the person who runs the doctor looks for exactly that. It
// leaves out the URL that was called: that is in the finding.
func cause(err error) string {
	said, root := "", err
	if f, ok := errors.AsType[*fault.Error](err); ok {
		said, root = f.Message, f.Err
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		root = u.Err
	}
	if root == nil {
		return said
	}
	var lines []string
	for line := range strings.Lines(root.Error()) { // one for each address that was tried
		if line = strings.TrimSpace(line); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	text := strings.Join(lines, " ")
	if said == "" || strings.Contains(said, text) {
		return cmp.Or(said, text)
	}
	return said + ": " + text
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
func one(check string, s wire.Severity, what, remedy string, took float64) []wire.Finding {
	return []wire.Finding{{Check: check, Severity: s, What: what, Remedy: remedy, LatencyMS: took}}
}

// severity is how bad it is that something is in a state.
func severity(s wire.HealthStatus) wire.Severity {
	switch s {
	case wire.Healthy:
		return wire.Fine
	case wire.Degraded:
		return wire.Warning
	}
	return wire.Broken
}
