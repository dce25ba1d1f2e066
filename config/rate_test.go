package config_test

import (
	"testing"

	"heyq/config"
)

func TestRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.Rate{
		"10":      {10, 10},
		"0.5":     {0.5, 1},
		"2.5":     {2.5, 3},
		"0":       {0, 1},
		"10/60s":  {10.0 / 60, 1},
		"10/1m":   {10.0 / 60, 1},
		"3000/m":  {50, 1},
		"0/1h30m": {0, 1},
	} {
		var got config.Rate
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", text, got, err, want)
		}
	}
}
