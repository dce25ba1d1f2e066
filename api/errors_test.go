package api

import (
	"testing"

	"heyq/internal/fault"
)

// A code without a status would be answered with 0.
func TestStatuses_know_every_code(t *testing.T) {
	t.Parallel()
	for _, code := range []fault.Code{
		fault.Malformed, fault.Invalid, fault.TooLarge, fault.NotFound, fault.Conflict, fault.Unavailable, fault.Internal,
	} {
		if statuses[code] < 400 {
			t.Errorf("%s has status %d", code, statuses[code])
		}
	}
}
