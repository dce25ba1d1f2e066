package wire_test

import (
	"testing"

	"heyq/internal/fault"
	"heyq/wire"
)

// A status that is missing would be a 0, which net/http panics at; and what an
// answer becomes at its client is what it was.
func TestStatusOf_covers_every_code(t *testing.T) {
	t.Parallel()
	for _, code := range []fault.Code{
		fault.Malformed, fault.Invalid, fault.TooLarge, fault.NotFound, fault.Gone, fault.Conflict, fault.Unavailable, fault.Internal,
	} {
		status := wire.StatusOf(code)
		if status < 400 || wire.CodeOf(status) != code {
			t.Errorf("%s is answered with %d, which is %s", code, status, wire.CodeOf(status))
		}
	}
	if code := wire.CodeOf(418); code != fault.Internal {
		t.Errorf("a status of no fault is %s", code)
	}
}
