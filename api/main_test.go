package api_test

import (
	"io"
	"testing"

	"github.com/rs/zerolog"

	"heyq/internal/logs"
	"heyq/internal/testkit"
)

// A test that changes its log's level changes zerolog's for the whole process, and the
// logs of the tests beside it would say less. One that tells everything keeps that from
// happening.
func TestMain(m *testing.M) {
	_, _ = logs.New(io.Discard, zerolog.TraceLevel)
	testkit.Main(m)
}
