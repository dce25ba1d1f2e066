package main

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// moment is a flag for a time: an age such as 2h or 3d, or a time by RFC 3339,
// of which the end may be missing.
type moment time.Time

var momentForms = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly}

// Set reads it. Without a zone a time is one of here.
func (m *moment) Set(text string) error {
	if age, ok := parseAge(text); ok {
		*m = moment(time.Now().Add(-age))
		return nil
	}
	for _, form := range momentForms {
		if t, err := time.ParseInLocation(form, text, time.Local); err == nil {
			*m = moment(t)
			return nil
		}
	}
	return errors.New("it is neither an age, such as 90m, 2h or 3d, nor a time, such as 2030-12-31T09:00:00Z")
}

// parseAge reads a duration as Go does, and days.
func parseAge(text string) (age time.Duration, ok bool) {
	if days, found := strings.CutSuffix(text, "d"); found {
		n, err := strconv.ParseFloat(days, 64)
		return time.Duration(n * 24 * float64(time.Hour)), err == nil && n >= 0 && n < 36500
	}
	age, err := time.ParseDuration(text)
	return age, err == nil && age >= 0
}

// String writes it; empty: it was not given.
func (m *moment) String() string {
	if t := time.Time(*m); !t.IsZero() {
		return t.Format(time.RFC3339)
	}
	return ""
}

// Type is what the help calls its value.
func (m *moment) Type() string { return "age" }
