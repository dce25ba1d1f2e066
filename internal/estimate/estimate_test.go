package estimate_test

import (
	"testing"
	"time"

	"heyq/internal/estimate"
)

func TestPrice(t *testing.T) {
	t.Parallel()
	if got := estimate.Length(300); got != 20*time.Second {
		t.Errorf("300 characters take %s, want 20s", got)
	}
	if got := estimate.Price(300, 0.1); got != 2 {
		t.Errorf("they cost $%g, want $2", got)
	}
	if got := estimate.Price(0, 0.1); got != 0 {
		t.Errorf("nothing costs $%g", got)
	}
}
