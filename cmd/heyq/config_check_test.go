package main

import (
	"testing"
)

func TestConfigCheck(t *testing.T) {
	t.Parallel()
	heyq(t, nil, "config", "check").wantOK(t).want(t, 0, "the configuration is good")

	broken := []string{"HEYQ_LEASE=soon", "HEYGEN_CONCURRENCY=0", "HEYQ_LAESE=20s", "DATABASE_URL=mysql://x/y"}
	heyq(t, broken, "config", "check").want(t, 2,
		"HEYQ_LEASE", `"soon"`, "HEYGEN_CONCURRENCY", "DATABASE_URL", "did you mean HEYQ_LEASE?")

	heyq(t, []string{"HEYQ_LAESE=20s"}, "config", "check").wantOK(t).want(t, 0, "warning HEYQ_LAESE: ")

	o := heyq(t, broken, "config", "check", "--json")
	o.want(t, 2)
	answer := decode[struct {
		Problems, Warnings []struct{ Field, Message string }
	}](t, o)
	if len(answer.Problems) < 3 || len(answer.Warnings) != 1 || answer.Warnings[0].Field != "HEYQ_LAESE" {
		t.Errorf("got %+v", answer)
	}
}
