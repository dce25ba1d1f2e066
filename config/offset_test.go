package config_test

import (
	"testing"
	"time"

	"heyq/config"
)

func TestOffset_moves_the_wall_clock(t *testing.T) {
	t.Parallel()
	c, _, err := config.Load([]string{"HEYQ_CLOCK_OFFSET=-5m"})
	if err != nil {
		t.Fatal(err)
	}
	if behind := time.Since(c.Protocol.ClockOffset.Now()); behind < 5*time.Minute || behind > 6*time.Minute {
		t.Errorf("the clock is %s behind, want 5m", behind)
	}
}
