package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/config"
	"heyq/store"
)

// A service that creates videos from Go opens the store without heyq's
// configuration, and must apply the same durations.
func TestTiming_has_one_default(t *testing.T) {
	t.Parallel()
	c, _, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(store.DefaultTiming, timing(c.Protocol)); diff != "" {
		t.Errorf("store.DefaultTiming and config differ (-store +config):\n%s", diff)
	}
}
