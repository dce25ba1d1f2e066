//go:build !unix

package main

import (
	"github.com/rs/zerolog"

	"heyq/internal/logs"
)

// toggleOnSignal does nothing: there is no such signal here.
func toggleOnSignal(zerolog.Logger, *logs.Level) (stop func()) { return func() {} }
